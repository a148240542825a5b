// What every browser test needs: a browser, a server that is ended again, axe, and screenshots.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const here = dirname(fileURLToPath(import.meta.url));
const artifacts = join(here, "artifacts");

/** Debian's Chromium with an empty profile of its own, without background traffic. */
export async function openBrowser() {
  const profile = mkdtempSync(join(tmpdir(), "sekisho-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    viewport: { width: 1366, height: 768 },
    locale: "ja-JP",
    timezoneId: "Asia/Tokyo",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** Starts a program and waits until it prints the address it listens on. */
export function startServer(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const stop = () =>
    new Promise((done) => {
      if (child.exitCode !== null || child.signalCode !== null) return done();
      child.once("exit", () => done());
      child.kill("SIGTERM");
    });
  return new Promise((resolve, reject) => {
    let out = "";
    let err = "";
    const limit = setTimeout(() => reject(new Error(`no address within 180 s:\n${out}\n${err}`)), 180_000);
    const read = (text) => {
      out += text;
      const found = out.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) {
        clearTimeout(limit);
        resolve({ origin: found[0], stop, output: () => out });
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", (text) => {
      err += text;
      read(text);
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code} before listening:\n${out}\n${err}`)));
  });
}

/** Zero violations of WCAG 2.2 AA and of axe's good practice, one h1, nothing wider than the window. */
export async function check(page, name) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const told = violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join("\n  ")}`);
  assert.deepEqual(told, [], `axe on ${name}`);
  assert.equal(await page.locator("h1").count(), 1, `one h1 on ${name}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide}px wider than the window`);
  await checkShapes(page, name);
}

/** What axe does not see: components squeezed to a character per line, and targets that are too small. */
async function checkShapes(page, name) {
  const faults = await page.evaluate(() => {
    const found = [];
    for (const e of document.querySelectorAll("h1,h2,h3,p,dt,dd,th,td,li,label,legend,button,.badge")) {
      const { width, height } = e.getBoundingClientRect();
      const text = e.textContent.trim();
      if (width > 0 && text.length > 3 && width < 30 && !e.closest(".hidden") && !e.classList.contains("hidden"))
        found.push(`squeezed: ${e.tagName} ${width}x${height} ${text.slice(0, 20)}`);
    }
    for (const e of document.querySelectorAll("button,.button,input:not([type=hidden]):not([type=radio]):not([type=checkbox]),select")) {
      const { width, height } = e.getBoundingClientRect();
      if (height > 0 && (height < 43.5 || width < 44)) found.push(`small: ${e.outerHTML.slice(0, 60)} ${width}x${height}`);
    }
    return found;
  });
  assert.deepEqual(faults, [], `shapes on ${name}`);
}
