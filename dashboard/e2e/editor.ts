// The code editor, filled and read. Not by Playwright's `fill`: when Chromium itself replaces several lines, it puts
// styles on what it moves, which the page's policy refuses; a paste is done by CodeMirror.
import { expect, type Page } from '@playwright/test';

export class Editor {
  constructor(readonly page: Page) {}

  get content() {
    return this.page.getByLabel('Source');
  }

  /** The editor draws only the lines that are seen: these scripts are short. */
  source = async () => (await this.page.locator('.cm-line').allTextContents()).join('\n');

  /** Waits until the text is that. */
  has = (text: string | RegExp) =>
    typeof text === 'string' ? expect.poll(this.source).toBe(text) : expect.poll(this.source).toMatch(text);

  /** Puts a text in place of all, as pasting does. */
  async write(text: string) {
    await this.content.focus();
    await this.page.keyboard.press('Control+a');
    await this.content.evaluate((element, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
    await this.has(text);
  }

  /** Puts the caret behind the first occurrence of a text on a line. */
  async caretBehind(text: string) {
    const line = this.page.locator('.cm-line').filter({ hasText: text }).first();
    await line.click();
    await this.page.keyboard.press('Home');
    await this.page.keyboard.press('Home');
    const written = (await line.textContent()) ?? '';
    const indent = /^\s*/.exec(written)![0].length;
    const steps = written.indexOf(text) + text.length - indent;
    for (let step = 0; step < steps; step++) await this.page.keyboard.press('ArrowRight');
  }

  /** Waits until the line of the caret is that. */
  at = (line: string | RegExp) => expect(this.page.locator('.cm-activeLine')).toHaveText(line);

  /** The offset of the caret in `source`; -1 when it is not in the editor. */
  caret = () =>
    this.content.evaluate((element) => {
      const root = element.getRootNode() as unknown as { getSelection: () => Selection };
      const { focusNode, focusOffset } = root.getSelection();
      const lines = [...element.querySelectorAll('.cm-line')];
      const at = lines.findIndex((line) => line.contains(focusNode));
      if (at < 0) return -1;
      const before = document.createRange();
      before.setStart(lines[at]!, 0);
      before.setEnd(focusNode!, focusOffset);
      const length = before.toString().length;
      return lines.slice(0, at).reduce((sum, line) => sum + line.textContent.length + 1, length);
    });

  /** Takes something that is completed. By mouse: right after it opens the list takes no Enter, so that nobody is surprised. */
  async complete(option: RegExp, result: RegExp) {
    await this.page.getByRole('option', { name: option }).click();
    await this.has(result);
  }
}
