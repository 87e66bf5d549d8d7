// Keywords and snippets, by the place they may stand at.
import type { KEYWORDS } from '../syntax/token';
import type { CompletionItem } from './item';
import type { Context } from './context';

/** What a word or a snippet may need of its place. */
type Need = 'statement' | 'expression' | 'top' | 'loop' | 'function';

function has({ statement, top, inLoop, inFunction }: Context, need: Need): boolean {
  switch (need) {
    case 'statement':
      return statement;
    case 'expression':
      return !statement;
    case 'top':
      return top;
    case 'loop':
      return inLoop;
    case 'function':
      return inFunction;
  }
}

/** Where each keyword may begin something; the others go on with what is there, and stand in `Context.rest`. */
const WORDS: Partial<Record<(typeof KEYWORDS)[number], Need[]>> = {
  true: [],
  false: [],
  if: [],
  switch: [],
  loop: [],
  while: [],
  do: [],
  for: [],
  this: ['function'],
  let: ['statement'],
  const: ['statement'],
  return: ['statement'],
  throw: ['statement'],
  try: ['statement'],
  break: ['statement', 'loop'],
  continue: ['statement', 'loop'],
  import: ['statement'],
  export: ['statement', 'top'],
  fn: ['statement', 'top'],
  private: ['statement', 'top'],
};

interface Snippet {
  label: string;
  detail: string;
  /** With `${name}` for each tab stop. */
  snippet: string;
  needs: Need[];
}

const BODY = '{\n\t${}\n}';

const snippet = (label: string, detail: string, text: string, ...needs: Need[]): Snippet => ({
  label,
  detail,
  snippet: text,
  needs,
});

const SNIPPETS: readonly Snippet[] = [
  snippet('fn', 'a function', `fn \${name}(\${params}) ${BODY}`, 'statement', 'top'),
  snippet('if', 'a condition', `if \${condition} ${BODY}`),
  snippet('if else', 'a condition and its opposite', `if \${condition} ${BODY} else ${BODY}`),
  snippet('for', 'each item', `for \${item} in \${items} ${BODY}`, 'statement'),
  snippet(
    'for counted',
    'each item with its number',
    `for (\${item}, \${index}) in \${items} ${BODY}`,
    'statement',
  ),
  snippet('for range', 'each number', `for \${number} in 0..\${end} ${BODY}`, 'statement'),
  snippet('while', 'as long as', `while \${condition} ${BODY}`, 'statement'),
  snippet('loop', 'until `break`', `loop ${BODY}`, 'statement'),
  snippet('do', 'at least once', `do ${BODY} while \${condition};`, 'statement'),
  snippet(
    'switch',
    'one of several',
    'switch ${value} {\n\t${pattern} => ${result},\n\t_ => ${otherwise},\n}',
  ),
  snippet('try', 'catch what is thrown', `try ${BODY} catch (\${problem}) ${BODY}`, 'statement'),
  snippet('let', 'a variable', 'let ${name} = ${value};', 'statement'),
  snippet('const', 'a constant', 'const ${NAME} = ${value};', 'statement'),
  snippet('import', 'another script of the app', 'import "${script}" as ${name};', 'statement'),
  snippet('closure', 'a function without a name', '|${params}| ${}', 'expression'),
];

export function keywordItems(context: Context): CompletionItem[] {
  const keyword = (label: string, rank: number): CompletionItem => ({
    label,
    kind: 'keyword',
    detail: '',
    doc: '',
    rank,
  });
  const fits = (needs: readonly Need[]) => needs.every((need) => has(context, need));
  const items = context.rest.map((word) => keyword(word, 95));
  if (!context.value) return items;
  for (const [word, needs] of Object.entries(WORDS)) {
    if (fits(needs)) items.push(keyword(word, context.statement ? 30 : needs.length ? 5 : 25));
  }
  for (const { needs, ...it } of SNIPPETS)
    if (fits(needs)) items.push({ ...it, kind: 'snippet', doc: '', rank: 28 });
  return items;
}
