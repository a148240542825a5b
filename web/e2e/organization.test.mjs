// 第2章 by keyboard: sixty people move on 1 April, and the list is reversed by a later fact.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { check } from "./browser.mjs";
import { openCity } from "./city.mjs";

const SECRETARY = "2902";
const HEADER = "職員番号,氏名,フリガナ,旧所属,旧役職,新所属,新役職,発令日";

let city;
let page;
let server;
let hand;
let as;
let april;

before(async () => {
  city = await openCity();
  ({ page, server, hand, as } = city);
  const today = new Date();
  april = `${today.getMonth() >= 3 ? today.getFullYear() + 1 : today.getFullYear()}-04-01`;
});

after(() => city?.close());

const main = () => page.locator("main").textContent();

/** Hands in a list; the page that shows what it would do, or its faults. */
async function handIn(name, rows) {
  const path = join(city.folder, name);
  writeFileSync(path, `\ufeff${[HEADER, ...rows].join("\r\n")}\r\n`);
  await page.goto(`${server.origin}/transfers`);
  await hand.tabTo("input[type=file]");
  await page.setInputFiles("input[type=file]", path);
  await hand.tabToName("中身を確かめる");
  await hand.enter();
}

/** Two chiefs change places, one leaves, and 57 join. */
function sixty() {
  const joins = Array.from({ length: 57 }, (_, n) => `${4001 + n},架空 新${n + 1},カクウ シン,採用,,市民課,,${april}`);
  return [
    `1005,窓辺 静江,マドベ シズエ,市民課,課長,管財課,課長,${april}`,
    `1004,鍵谷 保,カギヤ タモツ,管財課,課長,市民課,課長,${april}`,
    `1007,聞山 聡,キキヤマ サトシ,市民相談課,課長,退職,,${april}`,
    ...joins,
  ];
}

test("a list with a fault moves nobody, and says where it is", async () => {
  await as(SECRETARY);
  await handIn("faulty.csv", [`9999,だれ か,ダレカ,市民課,課長,管財課,課長,${april}`, "1005,窓辺 静江,マドベ シズエ,市民課,課長,管財課,課長,四月"]);
  await check(page, "organization-faulty");
  const told = await main();
  assert.match(told, /3行目/);
  assert.match(told, /発令日/);
  assert.equal(await page.locator("button:has-text('この一覧を登録する')").count(), 0);
});

test("sixty people move in one act, the vacancy confirmed, and a later fact reverses it", async () => {
  await as(SECRETARY);
  await handIn("personnel.csv", sixty());
  await check(page, "organization-preview");
  assert.match(await main(), /60人の異動/);
  assert.match(await main(), /操作者用ICカード C-1005/, "what is handed over is listed");
  await hand.tick(["市民相談課長が空席になる"]);
  await hand.tabToName("この一覧を登録する");
  await hand.enter();
  await check(page, "organization-applied");
  assert.match(await main(), /60/);
  await page.goto(`${server.origin}/posts?at=${april}T09:00`);
  await check(page, "organization-posts-april");
  assert.match(await main(), /鍵谷 保/);

  await page.goto(`${server.origin}/transfers`);
  await hand.pick("select[name=transfer]", "60人");
  await hand.type("input[name=reason]", "発令が見送られたため");
  await hand.tabToName("取り消す");
  await hand.enter();
  await check(page, "organization-reversed");
  assert.match(await main(), /取消済み/);
  await page.goto(`${server.origin}/ledgers/transfers`);
  assert.match(await main(), /発令が見送られたため/);
  await page.goto(`${server.origin}/ledgers/appointments`);
  await check(page, "organization-appointments");
  assert.match(await main(), /窓辺 静江/);
});

test("the pages of the organization, the rules and the run sheet pass axe", async () => {
  for (const path of ["/posts", "/people", "/transfers", "/acting", "/rules", "/cases/rule", "/runs"]) {
    await page.goto(server.origin + path);
    await check(page, `organization${path.replace(/[^a-z]+/g, "-")}`);
  }
});
