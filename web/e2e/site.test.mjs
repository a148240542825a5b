// The demo city by keyboard alone: sign in, search, consult, be refused, trace. Every page passes axe.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { check, openBrowser, startServer } from "./browser.mjs";

let browser;
let folder;
let page;
let server;
let requests;

before(async () => {
  const binary = process.env.SEKISHO_BIN;
  assert.ok(binary, "SEKISHO_BIN names the program to be tested");
  folder = mkdtempSync(join(tmpdir(), "sekisho-e2e-"));
  server = await startServer(binary, ["demo", "--data", join(folder, "city"), "--addr", "127.0.0.1:0"]);
  browser = await openBrowser();
  page = await browser.context.newPage();
  requests = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error") requests.push(`console: ${message.text()}`);
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Presses Tab until the focus is on what `selector` names. */
async function tabTo(selector) {
  for (let presses = 0; presses < 250; presses += 1) {
    const there = await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector);
    if (there) return seen(selector);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never comes to ${selector} on ${page.url()}`);
}

/** Presses Tab until the focus is on a link or button of this name. */
async function tabToName(name) {
  for (let presses = 0; presses < 250; presses += 1) {
    const text = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    if (text.startsWith(name)) return seen(name);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never comes to 「${name}」 on ${page.url()}`);
}

/** What has the focus shows it: an outline, inside the window. */
async function seen(what) {
  const shown = await page.evaluate(() => {
    const e = document.activeElement;
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    return { outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, inside: box.bottom > 0 && box.top < innerHeight };
  });
  assert.ok(shown.outlined, `the focus on ${what} shows`);
  assert.ok(shown.inside, `the focus on ${what} is inside the window`);
}

async function enter() {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

async function type(selector, text) {
  await tabTo(selector);
  await page.keyboard.type(text);
}

/** The facts of one scene of the tour, by name. */
async function facts(scene) {
  return page.evaluate((n) => {
    const step = document.querySelector(`#step-${n}`).closest("li");
    return Object.fromEntries([...step.querySelectorAll("dl > div")].map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent]));
  }, scene);
}

async function signIn(who) {
  await tabTo("input[name=card]");
  for (let presses = 0; presses < 100; presses += 1) {
    const chosen = await page.evaluate(() => document.querySelector("input[name=card]:checked")?.value);
    if (chosen === who["カード"]) break;
    await page.keyboard.press("ArrowDown");
  }
  assert.equal(await page.inputValue("input[name=card]:checked"), who["カード"]);
  await check(page, `site-card-${who["カード"]}`);
  await type("#pin", who["暗証番号"]);
  await enter();
  await check(page, `site-password-${who["カード"]}`);
  await type("#password", who["パスワード"]);
  await enter();
  assert.equal(new URL(page.url()).pathname, "/cs", "signed in at the desk");
}

test("sign in, search, consult, be refused, trace: by keyboard alone", async (t) => {
  await page.goto(server.origin);
  await check(page, "site-tour");
  const clerk = await facts(1);
  const resident = await facts(2);
  const officer = await facts(4);

  await t.test("the first Tab skips to the content", async () => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "本文へ");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  });

  await t.test("sign in", async () => {
    await tabToName("端末 ");
    await enter();
    await signIn(clerk);
    await check(page, "site-cs");
  });

  await t.test("search and consult", async () => {
    await type("#name", resident["氏名"]);
    await type("#reason-name", resident["根拠番号"]);
    await enter();
    assert.match(page.url(), /\/cs\/shown\/\d+$/);
    await check(page, "site-results");
    await tabToName("照会");
    await enter();
    await check(page, "site-resident");
    assert.equal(await page.locator("h1").textContent(), resident["氏名"]);
  });

  await t.test("be told what is wrong at the field", async () => {
    await tabToName("CS業務");
    await enter();
    await type("#code", "123");
    await enter();
    assert.match(await page.title(), /^エラー：/);
    await check(page, "site-field-error");
    await tabTo(".errors a");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "code");
    assert.equal(await page.inputValue("#code"), "123");
  });

  await t.test("be refused", async () => {
    await tabToName("操作履歴");
    await enter();
    await tabToName("住民ごと");
    await enter();
    await check(page, "site-history-residents");
    const { 住民票コード: code } = officer;
    await type("#code", code);
    await enter();
    await check(page, "site-refused");
    assert.match(await page.locator(".refusal").textContent(), /第18条/);
    assert.match(await page.locator(".refusal").textContent(), /こうすれば進めます/);
    await tabToName("入力した内容のまま");
    await enter();
    assert.equal(await page.inputValue("#code"), code);
  });

  await t.test("trace one's own operations", async () => {
    await tabToName("自分の操作");
    await enter();
    await tabToName("履歴を見る");
    await enter();
    await check(page, "site-history-mine");
    const rows = await page.locator("tbody").textContent();
    for (const word of ["氏名検索", "照会", "拒否", resident["根拠番号"]]) assert.ok(rows.includes(word), word);
  });

  await t.test("an officer sees who looked at the resident", async () => {
    await tabToName("サインアウト");
    await enter();
    await tabToName("端末を選び直す");
    await enter();
    await check(page, "site-terminals");
    await page.goto(server.origin);
    await page.evaluate(() => document.querySelector("#step-4").scrollIntoView());
    const terminal = await page.evaluate(() => document.querySelector("#step-4").closest("li").querySelector("a.button").textContent);
    await tabTo("#step-4 ~ .actions a");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), terminal);
    await enter();
    await signIn(officer);
    await tabToName("操作履歴");
    await enter();
    await tabToName("住民ごと");
    await enter();
    await type("#code", officer["住民票コード"]);
    await type("#purpose", officer["目的"]);
    await enter();
    await check(page, "site-traced");
    const rows = await page.locator("tbody").textContent();
    const name = clerk["操作者"].split("（")[0];
    assert.ok(rows.includes(name), `${name} looked at the resident`);
  });
});

test("every page that an officer may open passes axe, wide and narrow", async (t) => {
  const paths = [
    "/regulation", "/articles/14", "/articles/9", "/articles/7", "/articles/18", "/terminals", "/cs", "/history/mine",
    "/history/operators", "/refusals", "/refusals?article=18", "/designations", "/cards", "/handlers", "/password",
    "/ledgers", "/ledgers/operator-cards", "/ledgers/appointments", "/ledgers/operations", "/journal",
    "/journal/operations/0", "/journal/register/3", "/nowhere",
  ];
  for (const path of paths) {
    await t.test(path, async () => {
      const name = `page${path.replace(/[^a-z0-9]+/gi, "-")}`;
      await page.setViewportSize({ width: 1366, height: 768 });
      await page.goto(server.origin + path);
      await check(page, name);
      await page.setViewportSize({ width: 400, height: 800 });
      await check(page, `narrow-${name}`);
    });
  }
  await page.setViewportSize({ width: 1366, height: 768 });
});

test("a changed copy of the journal is found, on the tour's last scene", async () => {
  await page.goto(server.origin);
  await tabToName("写しを書き換えて検証する");
  await enter();
  await check(page, "site-tampered");
  assert.match(await page.locator(".banner").first().textContent(), /書き換えが見つかりました/);
});

test("nothing was asked of anybody else, and nothing was blocked", () => {
  // A status of 4xx is an answer of ours, which the tests above ask for; what a policy blocks reads otherwise.
  const answered = /^console: Failed to load resource: the server responded with a status of 4\d\d/;
  const faults = requests.filter((told) => !told.startsWith(server.origin) && !answered.test(told));
  assert.deepEqual(faults, []);
});
