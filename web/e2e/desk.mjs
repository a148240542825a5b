// Forms and cases, filled in and sent by keyboard.
import assert from "node:assert/strict";
import { check } from "./browser.mjs";

/** What people do at their desks in `city`; `part` names the pictures. */
export function desk({ page, server, hand, as }, part) {
  /** Fills in fields by id: what is an array is ticked, `pick` is picked in a list, `on` is a day or moment. */
  async function fill(fields) {
    for (const [id, value] of Object.entries(fields)) {
      if (Array.isArray(value)) await hand.tick(value);
      else if (value?.pick) await hand.pick(`#${id}`, value.pick);
      else if (value?.on) {
        await hand.tabTo(`#${id}`);
        await page.fill(`#${id}`, value.on);
      } else await hand.type(`#${id}`, value);
    }
  }

  /** Fills in the fields of a step, whose ids begin with its name. */
  const fillStep = (step, fields) => fill(Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${step}-${name}`, value])));

  async function send(button) {
    await hand.tabTo(`form:focus-within button[type=submit]`).catch(() => hand.tabToName(button));
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), button);
    await hand.enter();
  }

  /** Somebody opens a case; its address is what comes back. */
  async function open(id, kind, step, button, fields) {
    await as(id);
    await page.goto(`${server.origin}/cases/${kind}/new`);
    await fillStep(step, fields);
    await check(page, `${part}-new-${kind}-${step}`);
    await send(button);
    assert.match(page.url(), new RegExp(`/cases/${kind}/[^/?]+`), await page.locator("main").textContent());
    return new URL(page.url()).pathname;
  }

  /** Somebody takes a step of a case. */
  async function take(id, path, step, name, fields = {}) {
    await as(id);
    await page.goto(server.origin + path);
    await hand.unfold(name);
    await fillStep(step, fields);
    await send(name);
    await check(page, `${part}-${path.split("/")[2]}-${step}`);
  }

  /** Somebody fills in a form of a page and sends it. */
  async function enter(id, path, fields, button) {
    await as(id);
    await page.goto(server.origin + path);
    await fill(fields);
    await send(button);
  }

  return { open, take, enter, send };
}
