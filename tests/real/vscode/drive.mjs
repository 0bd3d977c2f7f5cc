// Uses the extension as somebody at a keyboard would:  node drive.mjs URL FILE SHOT BROWSER
//
// The project at URL has one mistake in FILE: a reference that says `suport` for `support`. Says on standard output what the
// editor shows, one `what: text` a line; fails where it shows nothing. SHOT gets a picture of the window.
import { chromium } from "playwright-core";

const [url, file, shot, executablePath] = process.argv.slice(2);
const PATIENCE = 120_000;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.setDefaultTimeout(PATIENCE);

try {
  await page.goto(url);
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  await open(file);
  say("language", await page.locator("#status\\.editor\\.mode").innerText());

  await at("suport");
  await page.locator(".monaco-editor .squiggly-error").first().waitFor({ state: "attached" });
  await page.keyboard.press("Control+Shift+M");
  say("problem", await text(page.locator(".markers-panel .monaco-list-row", { hasText: "suport" }).first()));
  await page.screenshot({ path: shot });

  await at("gpu-pool l40s");
  await command("Show or Focus Hover");
  say("hover", await text(page.locator(".monaco-hover:visible .hover-contents").first()));
  await page.keyboard.press("Escape");

  await at("suport");
  await page.keyboard.press("Control+.");
  const cure = page.locator(".action-widget .monaco-list-row.action").first();
  say("cure", await text(cure));
  await page.keyboard.press("Enter");
  await page.locator(".monaco-editor .squiggly-error").first().waitFor({ state: "detached" });
  say("after the cure", "no error");
  await page.keyboard.press("Control+S");

  await at("=support");
  await page.keyboard.press("F12");
  await page.locator("#status\\.editor\\.selection", { hasText: "Ln 13," }).waitFor();
  say("definition", await page.locator("#status\\.editor\\.selection").innerText());

  // Typed, and not saved.
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nstor");
  await page.keyboard.press("Control+Space");
  say("completion", await text(page.locator(".suggest-widget .monaco-list-row", { hasText: "storage" }).first()));
  await page.keyboard.press("Escape");

  await command("Purlin: Show plan");
  await page.locator(".tab.active", { hasText: "plan.md" }).waitFor();
  await page.locator(".editor-instance .view-line", { hasText: "to create" }).first().waitFor();
  say("plan", await text(page.locator(".editor-instance .view-lines").last()));
} catch (error) {
  await page.screenshot({ path: shot });
  throw error;
} finally {
  await browser.close();
}

/** Opens a file of the workspace by its name. */
async function open(name) {
  await page.keyboard.press("Control+P");
  await page.keyboard.type(name);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".tab.active", { hasText: name }).waitFor();
}

/** Puts the cursor into the text. */
async function at(words) {
  await page.locator(".editor-instance .view-lines").first().click();
  await page.keyboard.press("Control+F");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
}

/** Runs a command of the palette. */
async function command(title) {
  await page.keyboard.press("F1");
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
}

async function text(locator) {
  await locator.waitFor();
  return locator.innerText();
}

function say(what, said) {
  console.log(`${what}: ${said.replace(/\s+/g, " ").trim()}`);
}
