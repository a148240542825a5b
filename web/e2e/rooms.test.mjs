// 第3章 by keyboard: somebody from outside is permitted, attended, and passes a door; a key is lent and not used; the
// two ledgers disagree, and somebody answers. The locks are simulated, the bus, the controller and the regulation
// are not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check } from "./browser.mjs";
import { openCity } from "./city.mjs";
import { desk } from "./desk.mjs";

const MANAGER = "1003";
const KEY_OFFICER = "1004";
const KEEPER = "2901";
const SECRETARY = "2902";
const GUEST = "V-901";
const GUEST_NAME = "架空 訪太";

let city;
let page;
let server;
let hand;
let as;
let open;
let take;
let enter;
let send;

before(async () => {
  city = await openCity();
  ({ page, server, hand, as } = city);
  ({ open, take, enter, send } = desk(city, "rooms"));
});

after(() => city?.close());

/** A day in Japan, so many from today. */
const day = (from) => new Date(Date.now() + 9 * 3_600_000 + from * 86_400_000).toISOString().slice(0, 10);
const main = () => page.locator("main").textContent();
const room = () => page.locator("#door-cs-door").locator("xpath=ancestor::section").textContent();

/** Somebody comes to a page; what it says is looked at, too. */
async function look(path, name) {
  await page.goto(server.origin + path);
  await check(page, `rooms-${name}`);
  return main();
}

/** Waits until the door of CS室 says so. */
async function doorSays(what) {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto(`${server.origin}/tour/doors`);
    if (what.test(await room())) return;
    await page.waitForTimeout(100);
  }
  assert.match(await room(), what);
}

/** Somebody touches the reader of CS室 and goes through the door. */
async function passes(who, side) {
  await page.goto(`${server.origin}/tour/doors`);
  await hand.pick("#member-cs-door", who);
  await hand.tabTo("input[name=side]");
  if (side === "inside") await page.keyboard.press("ArrowDown");
  await send("指を当てる");
  await doorSays(/解けている/);
  await hand.tabToName("扉を開ける");
  await hand.enter();
  await doorSays(/扉開いている/);
  await hand.tabToName("扉を閉める");
  await hand.enter();
  await doorSays(/扉閉まっている/);
}

test("from the application to the answered finding", async (t) => {
  let permit;
  let finding;

  await t.test("somebody from outside is put on the list, and the permit is applied for", async () => {
    const contract = { contract: "空調の保守（架空）", employment: "社員証を確かめた", until: { on: day(60) } };
    await enter(KEEPER, "/rooms/outsiders", { person: GUEST, name: GUEST_NAME, organisation: "架空空調株式会社（架空）", ...contract }, "名簿に載せる");
    await check(page, "rooms-outsiders");
    permit = await open(KEEPER, "permit", "apply", "許可を申請する", {
      person: { pick: GUEST_NAME },
      room: { pick: "CS室" },
      term: ["1回だけ"],
      from: { on: day(0) },
      until: { on: day(0) },
      purpose: "空調の点検",
    });
    assert.equal(await page.locator("form[action$='/grant']").count(), 0, "whoever applies does not permit");
  });

  await t.test("nobody is attended without the permit: the refusal names the article, and nothing typed is lost", async () => {
    const escort = { guest: GUEST, room: { pick: "CS室" }, purpose: "空調の点検", necessity: "装置に触れる点検のため" };
    await enter(KEEPER, "/rooms/escorts", escort, "立会いを始める");
    assert.match(await main(), /第9条第2項/);
    await check(page, "rooms-escort-refused");
    await hand.tabToName("入力した内容のまま");
    await hand.enter();
    assert.equal(await page.inputValue("#necessity"), "装置に触れる点検のため");
  });

  await t.test("the entry manager permits, and the guest gets a name tag", async () => {
    await take(MANAGER, permit, "grant", "許可する");
    assert.match(await main(), /許可した/);
    await enter(KEEPER, "/rooms/tags", { tag: "31", person: GUEST }, "渡したことを記録する");
    assert.match(await main(), new RegExp(GUEST_NAME));
    await check(page, "rooms-tags");
  });

  await t.test("somebody who is enrolled attends, and both pass the door", async () => {
    await as(KEEPER);
    await page.goto(`${server.origin}/rooms/escorts`);
    if ((await page.inputValue("#guest")) === "") await hand.type("#guest", GUEST);
    await hand.pick("#room", "CS室");
    for (const [id, text] of [["#purpose", "空調の点検"], ["#necessity", "装置に触れる点検のため"]])
      if ((await page.inputValue(id)) === "") await hand.type(id, text);
    await hand.tabToName("立会いを始める");
    await hand.enter();
    await check(page, "rooms-escorts");
    await page.goto(`${server.origin}/tour/doors`);
    await check(page, "rooms-hardware");
    await passes("関口 守", "outside");
    const inside = await look("/rooms/cs-room", "inside");
    assert.match(inside, /関口 守/);
    assert.match(inside, new RegExp(GUEST_NAME));
  });

  await t.test("the board shows it as it happens, and both leave together", async () => {
    const board = await city.page.context().newPage();
    await board.goto(`${server.origin}/rooms`);
    await board.getByText(GUEST_NAME).first().waitFor();
    await passes("関口 守", "inside");
    await board.getByText(GUEST_NAME).first().waitFor({ state: "detached" });
    await board.close();
    const ledger = await look("/rooms/passages", "passages");
    assert.match(ledger, new RegExp(GUEST_NAME));
    assert.match(ledger, /立会い/);
    assert.match(await look(permit, "permit-used"), /1回/);
  });

  await t.test("a key is lent against the borrower's card, and comes back unused", async () => {
    await enter(KEY_OFFICER, "/rooms/keys", { key: "K-02", purpose: "空調の音の確認" }, "借りる人のカードへ進む");
    await check(page, "rooms-lend");
    const who = city.people.find((person) => person.id === SECRETARY);
    await hand.tabTo("input[name=card]");
    for (let presses = 0; presses < 60; presses += 1) {
      if ((await page.evaluate(() => document.querySelector("input[name=card]:checked")?.value)) === who.card) break;
      await page.keyboard.press("ArrowDown");
    }
    await hand.type("#pin", who.pin);
    await hand.enter();
    assert.match(await main(), /K-02/);
    await check(page, "rooms-keys-lent");
    await page.goto(`${server.origin}/rooms/keys`);
    await hand.pick("#return-key", "K-02").catch(() => hand.type("#return-key", "K-02"));
    await hand.type("#remark", "異常なし");
    await send("返却を記録する");
    await check(page, "rooms-keys-back");
  });

  await t.test("the ledgers are held against each other: the loan has no entry", async () => {
    await enter(KEY_OFFICER, "/rooms/findings", { until: { on: day(-1) } }, "照合したことを記録する");
    await check(page, "rooms-findings");
    const row = page.locator("tr", { hasText: "入室のない鍵の貸出し" }).filter({ hasText: "回答を待つ" });
    finding = await row.locator("a").first().getAttribute("href");
    const told = await look(finding, "finding");
    assert.match(told, /これに合う記載がありません/);
    assert.equal(await page.locator("form[action$='/answer']").count(), 0, "whoever lends does not answer for the borrower");
  });

  await t.test("whoever owes the answer gives it, and the other hand accepts it", async () => {
    await as(MANAGER);
    await page.goto(server.origin + finding);
    await hand.type("#answer", "廊下で音を確かめ、入らずに返した。");
    await send("回答する");
    await check(page, "rooms-finding-answered");
    assert.equal(await page.locator("form[action$='/settle']").count(), 0, "nobody accepts the own answer");
    await as(KEY_OFFICER);
    await page.goto(server.origin + finding);
    await hand.tabToName("解決とする");
    await hand.enter();
    await check(page, "rooms-finding-settled");
    assert.match(await main(), /解決/);
  });
});
