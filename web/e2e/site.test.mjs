// The demo city by keyboard alone: sign in, search, consult, be refused, trace. Every page passes axe.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { check, openBrowser, startServer } from "./browser.mjs";
import { hands } from "./keyboard.mjs";

let browser;
let folder;
let page;
let server;
let requests;
let hand;

before(async () => {
  const binary = process.env.SEKISHO_BIN;
  assert.ok(binary, "SEKISHO_BIN names the program to be tested");
  folder = mkdtempSync(join(tmpdir(), "sekisho-e2e-"));
  server = await startServer(binary, ["demo", "--data", join(folder, "city"), "--addr", "127.0.0.1:0"]);
  browser = await openBrowser();
  page = await browser.context.newPage();
  hand = hands(page);
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

/** The facts of one scene of the tour, by name. */
async function facts(scene) {
  return page.evaluate((n) => {
    const step = document.querySelector(`#step-${n}`).closest("li");
    return Object.fromEntries([...step.querySelectorAll("dl > div")].map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent]));
  }, scene);
}

/** Signs in as the tour says, and comes to the desk. */
async function signIn(who) {
  const secrets = { card: who["カード"], pin: who["暗証番号"], password: who["パスワード"] };
  await hand.signIn(secrets, (name) => check(page, `site-${name}`));
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
    await hand.tabToName("端末 ");
    await hand.enter();
    await signIn(clerk);
    await check(page, "site-cs");
  });

  await t.test("search and consult", async () => {
    await hand.type("#name", resident["氏名"]);
    await hand.type("#reason-name", resident["根拠番号"]);
    await hand.enter();
    assert.match(page.url(), /\/cs\/shown\/\d+$/);
    await check(page, "site-results");
    await hand.tabToName("照会");
    await hand.enter();
    await check(page, "site-resident");
    assert.equal(await page.locator("h1").textContent(), resident["氏名"]);
  });

  await t.test("be told what is wrong at the field", async () => {
    await hand.tabToName("CS業務");
    await hand.enter();
    await hand.type("#code", "123");
    await hand.enter();
    assert.match(await page.title(), /^エラー：/);
    await check(page, "site-field-error");
    await hand.tabTo(".errors a");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "code");
    assert.equal(await page.inputValue("#code"), "123");
  });

  await t.test("be refused", async () => {
    await hand.tabToName("住民ごと");
    await hand.enter();
    await check(page, "site-history-residents");
    const { 住民票コード: code } = officer;
    await hand.type("#code", code);
    await hand.enter();
    await check(page, "site-refused");
    assert.match(await page.locator(".refusal").textContent(), /第18条/);
    assert.match(await page.locator(".refusal").textContent(), /こうすれば進めます/);
    await hand.tabToName("入力した内容のまま");
    await hand.enter();
    assert.equal(await page.inputValue("#code"), code);
  });

  await t.test("trace one's own operations", async () => {
    await hand.tabToName("自分の操作");
    await hand.enter();
    await hand.tabToName("履歴を見る");
    await hand.enter();
    await check(page, "site-history-mine");
    const rows = await page.locator("tbody").textContent();
    for (const word of ["氏名検索", "照会", "拒否", resident["根拠番号"]]) assert.ok(rows.includes(word), word);
  });

  await t.test("an officer sees who looked at the resident", async () => {
    await hand.tabToName("サインアウト");
    await hand.enter();
    await hand.tabToName("端末を選び直す");
    await hand.enter();
    await check(page, "site-terminals");
    await page.goto(server.origin);
    await page.evaluate(() => document.querySelector("#step-4").scrollIntoView());
    const terminal = await page.evaluate(() => document.querySelector("#step-4").closest("li").querySelector("a.button").textContent);
    await hand.tabTo("#step-4 ~ .actions a");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), terminal);
    await hand.enter();
    await signIn(officer);
    await hand.tabToName("住民ごと");
    await hand.enter();
    await hand.type("#code", officer["住民票コード"]);
    await hand.type("#purpose", officer["目的"]);
    await hand.enter();
    await check(page, "site-traced");
    const rows = await page.locator("tbody").textContent();
    const name = clerk["操作者"].split("（")[0];
    assert.ok(rows.includes(name), `${name} looked at the resident`);
  });
});

test("every page that an officer may open passes axe, wide and narrow", async (t) => {
  const paths = [
    "/regulation", "/articles/14", "/articles/9", "/articles/7", "/articles/18", "/terminals", "/cs", "/history/mine",
    "/history/operators", "/refusals", "/refusals?article=18", "/designations", "/cards", "/cards/spares", "/cards/inspection", "/cards/transfers", "/cards/labels", "/handlers", "/password",
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
  await hand.tabToName("写しを書き換えて検証する");
  await hand.enter();
  await check(page, "site-tampered");
  assert.match(await page.locator(".banner").first().textContent(), /書き換えが見つかりました/);
});

test("nothing was asked of anybody else, and nothing was blocked", () => {
  // A status of 4xx is an answer of ours, which the tests above ask for; what a policy blocks reads otherwise.
  const answered = /^console: Failed to load resource: the server responded with a status of 4\d\d/;
  const faults = requests.filter((told) => !told.startsWith(server.origin) && !answered.test(told));
  assert.deepEqual(faults, []);
});
