// The demo city, and its people taking turns at the keyboard.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser, startServer } from "./browser.mjs";
import { hands } from "./keyboard.mjs";

/** Plays a city in a folder of its own, and opens a browser on it. */
export async function openCity() {
  const binary = process.env.SEKISHO_BIN;
  assert.ok(binary, "SEKISHO_BIN names the program to be tested");
  const folder = mkdtempSync(join(tmpdir(), "sekisho-e2e-"));
  const data = join(folder, "city");
  const server = await startServer(binary, ["demo", "--data", data, "--addr", "127.0.0.1:0"]);
  const people = JSON.parse(readFileSync(join(data, "demo.json"), "utf8")).people;
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  const hand = hands(page);
  let sitting;

  /** Somebody sits down: whoever sat there signs out first. */
  async function as(id) {
    if (sitting === id) return;
    if (sitting) {
      await hand.tabToName("サインアウト");
      await hand.enter();
    }
    const who = people.find((person) => person.id === id);
    await page.goto(`${server.origin}/terminals/${who.terminal}/sign-in`);
    await hand.signIn(who);
    sitting = id;
  }

  async function close() {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  return { page, server, hand, folder, people, as, close };
}
