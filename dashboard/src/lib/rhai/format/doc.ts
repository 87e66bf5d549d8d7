// What the printer may choose from: texts and the places where a line may end, built from the inside out.

/**
 * - `text`: as it is; one with several lines keeps them. Its indentation may be given as its first part
 * - `space`: a blank, but not where a line begins; `gap`: nor after another blank or an opening bracket
 * - `line`: `text` (a blank or nothing) when its group fits, else a line break
 * - `fresh`: a line break unless a line has just begun
 * - `indent`: its part, one tab further in
 * - `group`: its part, on one line if that fits, else with all its lines broken
 * - `comma`: a comma when the list in `parts` is broken
 * - `choice`: the first part if its beginning, up to where it may be broken, is not wider than `need`; else the second
 */
export interface Doc {
  kind: 'text' | 'space' | 'gap' | 'concat' | 'line' | 'fresh' | 'indent' | 'group' | 'comma' | 'choice';
  text: string;
  parts: Doc[];
  /** Its width on one line; `ENDLESS` when it needs several. */
  width: number;
  /** Its width up to the first place where a line may end. */
  lead: number;
  /** Whether there is such a place. */
  lines: boolean;
  /** Of a line break: a blank line follows. */
  blank: boolean;
  /** Of a choice: the width that its first part cannot do without. */
  need: number;
  /** Of a group: whether it was printed on several lines. */
  broken: boolean;
}

/** Wider than any line. Not infinity, so that widths stay small integers, which take no memory of their own. */
export const ENDLESS = 1_000_000;

const NONE: Doc[] = [];

function make(
  kind: Doc['kind'],
  text: string,
  parts: Doc[],
  width: number,
  lead: number,
  lines: boolean,
  blank = false,
  need = 0,
): Doc {
  return { kind, text, parts, width, lead, lines, blank, need, broken: false };
}

export function text(value: string): Doc {
  const end = value.indexOf('\n');
  const width = end < 0 ? value.length : end;
  return make('text', value, NONE, width, width, end >= 0);
}

export const nothing = text('');
export const space = make('space', ' ', NONE, 1, 1, false);
export const gap = make('gap', ' ', NONE, 1, 1, false);

export function line(flat = ' ', blank = false): Doc {
  return make('line', flat, NONE, flat.length, 0, true, blank);
}

export function hard(blank = false): Doc {
  return make('line', '', NONE, ENDLESS, 0, true, blank);
}

export function fresh(blank = false): Doc {
  return make('fresh', '', NONE, ENDLESS, 0, true, blank);
}

/** A comment that ends the line if what follows it is broken. What comes before is laid out as if it were not there. */
export function aside(value: string, width = ENDLESS): Doc {
  return make('text', value, NONE, width, 0, true);
}

export function comma(list: Doc): Doc {
  return make('comma', ',', [list], 0, 1, false);
}

/** A text at the start of a line, with an indentation of its own. */
export function pinned(prefix: string, value: string): Doc {
  return make('text', value, [text(prefix)], ENDLESS, 0, true);
}

export function concat(...parts: Doc[]): Doc {
  return sequence(parts);
}

export function sequence(parts: Doc[]): Doc {
  const doc = make('concat', '', parts, 0, 0, false);
  for (const part of parts) {
    doc.width = Math.min(doc.width + part.width, ENDLESS);
    if (doc.lines) continue;
    doc.lead += part.lead;
    doc.lines = part.lines;
  }
  return doc;
}

function around(kind: Doc['kind'], part: Doc): Doc {
  return make(kind, '', [part], part.width, part.lead, part.lines);
}

export function indent(...parts: Doc[]): Doc {
  return around('indent', concat(...parts));
}

export function group(...parts: Doc[]): Doc {
  return around('group', concat(...parts));
}

/** Gives a group what is in it, after it was named in what is in it. */
export function fill(box: Doc, ...parts: Doc[]): Doc {
  const part = concat(...parts);
  box.parts = [part];
  box.width = part.width;
  box.lead = part.lead;
  box.lines = part.lines;
  return box;
}

export function choice(need: number, first: Doc, second: Doc): Doc {
  return make('choice', '', [first, second], first.width, first.lead, first.lines, false, need);
}
