// Hands on a keyboard: nothing here moves a mouse.
import assert from "node:assert/strict";

/** What a person does at `page` with the keyboard alone. */
export function hands(page) {
  /** Presses Tab until the focus is where `there` says, in the page. */
  async function tabUntil(there, what) {
    for (let presses = 0; presses < 300; presses += 1) {
      if (await page.evaluate(there.test, there.of)) return seen(what);
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab never comes to ${what} on ${page.url()}`);
  }

  /** Presses Tab until the focus is on what `selector` names. */
  const tabTo = (selector) => tabUntil({ test: (s) => document.activeElement?.matches(s) ?? false, of: selector }, selector);

  /** Presses Tab until the focus is on a link or button of this name. */
  const tabToName = (name) =>
    tabUntil({ test: (n) => (document.activeElement?.textContent?.trim() ?? "").startsWith(n), of: name }, `「${name}」`);

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

  /** Chooses a card, gives its PIN, then the password. */
  async function signIn({ card, pin, password }, look = async () => {}) {
    await tabTo("input[name=card]");
    for (let presses = 0; presses < 100; presses += 1) {
      const chosen = await page.evaluate(() => document.querySelector("input[name=card]:checked")?.value);
      if (chosen === card) break;
      await page.keyboard.press("ArrowDown");
    }
    assert.equal(await page.inputValue("input[name=card]:checked"), card);
    await look(`card-${card}`);
    await type("#pin", pin);
    await enter();
    await look(`password-${card}`);
    await type("#password", password);
    await enter();
  }

  /** Ticks what a field offers and the name begins with one of `names`. */
  async function tick(names) {
    for (const name of names) {
      const id = await page.evaluate((n) => {
        const label = [...document.querySelectorAll(".choice label")].find((l) => l.checkVisibility() && l.textContent.trim().includes(n));
        return label?.htmlFor;
      }, name);
      assert.ok(id, `「${name}」 is offered on ${page.url()}`);
      const box = page.locator(`[id="${id}"]`);
      await box.focus();
      if (!(await box.isChecked())) await page.keyboard.press("Space");
      assert.ok(await box.isChecked(), `「${name}」 is ticked`);
    }
  }

  /** Picks in a list what contains `text`. */
  async function pick(selector, text) {
    await tabTo(selector);
    const value = await page.evaluate(([s, t]) => [...document.querySelector(s).options].find((o) => o.textContent.includes(t))?.value, [selector, text]);
    assert.ok(value, `「${text}」 is offered in ${selector}`);
    await page.selectOption(selector, value);
  }

  /** Unfolds the panel of a step of a case. */
  async function unfold(name) {
    await tabToName(name);
    const open = () => page.evaluate(() => document.activeElement.closest("details")?.open ?? true);
    if (!(await open())) await page.keyboard.press("Enter");
    assert.ok(await open(), `「${name}」 unfolds`);
  }

  return { tabTo, tabToName, enter, type, signIn, tick, pick, unfold };
}
