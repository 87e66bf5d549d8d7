// Lays a document out in lines of a given width, in linear time: each part is looked at once to place it.
import type { Doc } from './doc';

const TAB = 4;

interface Page {
  width: number;
  out: string;
  /** Columns used on the line, a tab counts 4. */
  column: number;
  /** Nothing is on the line yet, not even its indentation. */
  start: boolean;
  /** Line breaks that must come before any more text. */
  due: number;
  /** A blank that must come before any more text on the line. */
  blank: boolean;
  /** What was written last. */
  last: string;
}

/** `width`: the columns of a line. */
export function print(doc: Doc, width: number): string {
  const page: Page = { width, out: '', column: 0, start: true, due: 0, blank: false, last: '' };
  put(page, doc, 0, false, 0);
  return page.out;
}

/** `rest`: the width of what follows up to the next place where the line may end. */
function put(page: Page, doc: Doc, depth: number, flat: boolean, rest: number): void {
  switch (doc.kind) {
    case 'text':
      return write(page, doc.text, depth, doc.parts[0]);
    case 'space':
    case 'gap':
      if (doc.kind === 'space' || !/[([{]$/.test(page.last)) page.blank = true;
      return;
    case 'line':
      if (!flat) breakLine(page, doc.blank);
      else if (doc.text) page.blank = true;
      return;
    case 'fresh':
      if (!page.start) page.due = Math.max(page.due, doc.blank ? 2 : 1);
      return;
    case 'comma':
      if (doc.parts[0]!.broken) write(page, ',', depth);
      return;
    case 'indent':
      return put(page, doc.parts[0]!, depth + 1, flat, rest);
    case 'group':
      doc.broken = !flat && columnOf(page, depth) + doc.width + rest > page.width;
      return put(page, doc.parts[0]!, depth, !doc.broken, rest);
    case 'choice':
      return choose(page, doc, depth, flat, rest);
    case 'concat':
      return putAll(page, doc.parts, depth, flat, rest);
  }
}

function choose(page: Page, doc: Doc, depth: number, flat: boolean, rest: number): void {
  const column = columnOf(page, depth);
  const fits = flat || column + doc.width + rest <= page.width;
  const first = fits || column + doc.need <= page.width;
  put(page, doc.parts[first ? 0 : 1]!, depth, fits, rest);
}

function putAll(page: Page, parts: Doc[], depth: number, flat: boolean, rest: number): void {
  if (flat) {
    for (const part of parts) put(page, part, depth, true, 0);
    return;
  }
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    put(page, part, depth, false, part.parts.length ? restAfter(page, parts, index, rest) : 0);
  }
}

function restAfter(page: Page, parts: Doc[], index: number, rest: number): number {
  let width = 0;
  while (++index < parts.length && width <= page.width) {
    const { lead, lines } = parts[index]!;
    width += lead;
    if (lines) return width;
  }
  return width + rest;
}

function columnOf(page: Page, depth: number): number {
  return page.due || page.start ? depth * TAB : page.column + (page.blank ? 1 : 0);
}

function breakLine(page: Page, blank: boolean): void {
  page.out += '\n'.repeat(Math.max(page.due, blank ? 2 : 1));
  page.start = true;
  page.due = 0;
  page.blank = false;
}

function write(page: Page, text: string, depth: number, prefix?: Doc): void {
  if (!text) return;
  if (page.due) breakLine(page, page.due > 1);
  if (page.start) {
    const indentation = prefix ? prefix.text : '\t'.repeat(depth);
    page.out += indentation;
    page.column = widthOf(indentation);
    page.start = false;
  } else if (page.blank) {
    page.out += ' ';
    page.column++;
  }
  page.blank = false;
  page.out += text;
  page.last = text;
  const end = text.lastIndexOf('\n');
  page.column = end < 0 ? page.column + text.length : widthOf(text.slice(end + 1));
}

function widthOf(text: string): number {
  let width = 0;
  for (let index = 0; index < text.length; index++) width += text.charCodeAt(index) === 9 ? TAB : 1;
  return width;
}
