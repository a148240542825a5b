// 第7条 and 第8条 by keyboard: a matter from the convocation to an answered directive, and one in a hurry through to
// the report afterwards. People take turns at one terminal, as they would.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { check } from "./browser.mjs";
import { openCity } from "./city.mjs";
import { desk } from "./desk.mjs";

const HEAD = "1001";
const OFFICER = "1005";
const SECRETARY = "2902";
const ORDINARY = "名札の色分け（試験）";
const URGENT = "停電に備える電源の交換（試験）";
const MEETING = "試験の会議（架空）";

let city;
let page;
let server;
let hand;
let as;
let open;
let take;

before(async () => {
  city = await openCity();
  ({ page, server, hand, as } = city);
  ({ open, take } = desk(city, "council"));
});

after(() => city?.close());

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const main = () => page.locator("main").textContent();

test("a matter from the convocation to an answered directive, and an urgent one to the report afterwards", async (t) => {
  let ordinary;
  let urgent;
  let meeting;
  let directive;

  await t.test("matters are proposed, and the head convenes", async () => {
    ordinary = await open(OFFICER, "matter", "propose", "議題を出す", {
      title: ORDINARY,
      "matter-kind": ["遵守状況の確認"],
      explanation: "来訪者と職員の名札が見分けにくい。",
    });
    urgent = await open(SECRETARY, "matter", "propose", "議題を出す", {
      title: URGENT,
      "matter-kind": ["対策の決定と見直し"],
      important: ["重要な事項"],
      explanation: "電源の部品に不具合が見つかった。",
    });
    meeting = await open(HEAD, "meeting", "convene", "会議を招集する", {
      title: MEETING,
      "held-at": { on: `${inDays(1)}T10:00` },
      place: "第1会議室",
      matters: [ORDINARY, URGENT],
    });
  });

  await t.test("the members are told, and the council sits", async () => {
    await take(SECRETARY, meeting, "notify", "委員に開催を知らせる", { means: "庁内便" });
    await take(HEAD, meeting, "open", "開会する", { present: ["情報統計課長", "管財課長", "市民相談課長", "コミュニティ推進課長"] });
  });

  await t.test("the ordinary matter is deliberated and resolved", async () => {
    await take(SECRETARY, ordinary, "deliberate", "審議を記録する", { meeting: { pick: MEETING }, discussion: "異論はなかった。" });
    await take(HEAD, ordinary, "resolve", "議決する", { outcome: ["原案のとおり"], resolution: "来訪者の名札を赤にする。" });
    assert.match(await main(), /原案のとおり決定/);
  });

  await t.test("the important one is not offered without the opinion: the page says which article stands against it", async () => {
    await take(SECRETARY, urgent, "deliberate", "審議を記録する", { meeting: { pick: MEETING }, discussion: "早い交換が要る。" });
    await as(HEAD);
    await page.goto(server.origin + urgent);
    await check(page, "council-opinion-missing");
    const told = await main();
    assert.match(told, /審議会の意見をまだ聴いていません/);
    assert.match(told, /第7条第4項/);
    assert.equal(await page.locator("form[action$='/resolve']").count(), 0);
  });

  await t.test("in an emergency it is resolved first, and the report is owed with its day", async () => {
    await take(HEAD, urgent, "declare-emergency", "急を要するとして先に決める", { emergency: "停電すれば送受信が止まる。" });
    await take(HEAD, urgent, "resolve", "議決する", { outcome: ["原案のとおり"], resolution: "週内に交換する。" });
    await page.goto(`${server.origin}/duties/mine`);
    await check(page, "council-duties-mine");
    assert.match(await main(), new RegExp(`${URGENT}.{0,3}を審議会に報告`));
    await page.goto(`${server.origin}/board`);
    await check(page, "council-board");
    assert.match(await main(), /第7条第4項ただし書/);
  });

  await t.test("the meeting closes, and the minutes are drafted, sent back, and confirmed", async () => {
    await take(HEAD, meeting, "close", "閉会する");
    await take(SECRETARY, meeting, "draft-minutes", "議事録を作る", { minutes: "二件を議決した。" });
    await take(HEAD, meeting, "return-minutes", "議事録を差し戻す", { correction: "外れた委員がいないことを書く。" });
    await take(SECRETARY, meeting, "draft-minutes", "議事録を作る", { minutes: "二件を議決した。外れた委員はいない。" });
    await take(HEAD, meeting, "confirm-minutes", "議事録を確認する");
    await page.goto(`${server.origin}${meeting}/print`);
    await check(page, "council-minutes-print");
    assert.match(await main(), /外れた委員はいない/);
  });

  await t.test("a directive goes out, is answered, and closed", async () => {
    directive = await open(HEAD, "directive", "issue", "指示する", {
      title: "名札の色分け",
      matter: { pick: ORDINARY },
      section: { pick: "市民課" },
      content: "来訪者の名札を赤に替え、報告すること。",
      due: { on: inDays(7) },
    });
    await take(OFFICER, directive, "receive", "受領する");
    await take(OFFICER, directive, "answer", "回答する", { answer: "替えた。" });
    await take(HEAD, directive, "close", "完了とする");
    assert.match(await main(), /完結/);
  });

  await t.test("the report afterwards ends the urgent matter", async () => {
    await take(SECRETARY, urgent, "report-afterwards", "審議会に事後報告する", {
      "reported-on": { on: inDays(0) },
      report: "交換の経過を報告した。",
    });
    assert.match(await main(), /完結/);
    await as(HEAD);
    await page.goto(`${server.origin}/duties/mine`);
    assert.doesNotMatch(await main(), new RegExp(`${URGENT}.{0,3}を審議会に報告`));
  });

  await t.test("the ledgers show both, and the pages pass axe", async () => {
    for (const path of ["/ledgers/minutes", "/ledgers/matters", "/ledgers/directives", "/cases/matter", "/cases/meeting", "/cases/directive", "/duties", "/calendar", "/board/print"]) {
      await page.goto(server.origin + path);
      await check(page, `council${path.replace(/[^a-z]+/g, "-")}`);
    }
    await page.goto(`${server.origin}/ledgers/matters`);
    assert.match(await main(), new RegExp(URGENT));
  });
});
