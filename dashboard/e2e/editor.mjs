// The code editor, filled and read. Not by Playwright's `fill`: when Chromium itself replaces several lines, it puts
// styles on what it moves, which the page's policy refuses; a paste is done by CodeMirror.

/** Asks again until it is so; `told` says what is instead. */
export async function until(holds, told) {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It never was so: ${JSON.stringify(await told())}`);
}

export function editorOf(page) {
  const content = page.getByLabel('Source');

  /** The editor draws only the lines that are seen: these scripts are short. */
  const source = async () => (await page.locator('.cm-line').allTextContents()).join('\n');

  /** Puts a text in place of all, as pasting does. */
  async function write(text) {
    await content.focus();
    await page.keyboard.press('Control+a');
    await content.evaluate((element, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
    await until(
      async () => (await source()) === text,
      async () => `the source is ${await source()}`,
    );
  }

  /** Puts the caret behind the first occurrence of a text on a line. */
  async function caretBehind(text) {
    const line = page.locator('.cm-line').filter({ hasText: text }).first();
    await line.click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Home');
    const indent = /^\s*/.exec(await line.textContent())[0].length;
    const steps = (await line.textContent()).indexOf(text) + text.length - indent;
    for (let step = 0; step < steps; step++) await page.keyboard.press('ArrowRight');
  }

  /** The line of the caret. */
  const activeLine = () => page.locator('.cm-activeLine').textContent();

  /** The offset of the caret in `source`; -1 when it is not in the editor. */
  const caret = () =>
    content.evaluate((element) => {
      const { focusNode, focusOffset } = element.getRootNode().getSelection();
      const lines = [...element.querySelectorAll('.cm-line')];
      const at = lines.findIndex((line) => line.contains(focusNode));
      if (at < 0) return -1;
      const before = document.createRange();
      before.setStart(lines[at], 0);
      before.setEnd(focusNode, focusOffset);
      return lines.slice(0, at).reduce((sum, line) => sum + line.textContent.length + 1, `${before}`.length);
    });

  return { source, write, caretBehind, activeLine, caret };
}
