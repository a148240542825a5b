// Every template with made-up content: accessible, in shape, and pictured in artifacts/.
import { after, before, test } from "node:test";
import { join } from "node:path";
import { check, here, openBrowser, startServer } from "./browser.mjs";

let browser;
let server;
let names;

before(async () => {
  const binary = process.env.GALLERY_BIN;
  const root = join(here, "..", "..");
  server = binary
    ? await startServer(binary, [])
    : await startServer("cargo", ["run", "-q", "-p", "web", "--example", "gallery"], { cwd: root });
  browser = await openBrowser();
  const list = await (await fetch(`${server.origin}/index`)).text();
  names = list.split("\n").filter((name) => name !== "index");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("every template passes axe and keeps its shape, wide and narrow", async (t) => {
  const page = await browser.context.newPage();
  for (const name of names) {
    await t.test(name, async () => {
      await page.setViewportSize({ width: 1366, height: 768 });
      await page.goto(`${server.origin}/${name}`);
      await check(page, `gallery-${name}`);
      await page.setViewportSize({ width: 400, height: 800 });
      await check(page, `gallery-narrow-${name}`);
      await page.emulateMedia({ media: "print" });
      await page.setViewportSize({ width: 794, height: 1123 });
      await page.screenshot({ path: join(here, "artifacts", `gallery-print-${name}.png`), fullPage: true });
      await page.emulateMedia({ media: "screen" });
    });
  }
});
