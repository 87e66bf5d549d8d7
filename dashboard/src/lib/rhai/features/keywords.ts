// Keywords and snippets, by the place they may stand at.
import type { CompletionItem } from './completion';
import type { Context } from './context';

/** Words, and whether they need a loop (`l`), a function (`f`), the top level (`t`) or a statement (`s`). */
const WORDS: readonly [word: string, needs: string][] = [
  ['true', ''],
  ['false', ''],
  ['if', ''],
  ['switch', ''],
  ['loop', ''],
  ['while', ''],
  ['do', ''],
  ['for', ''],
  ['this', 'f'],
  ['let', 's'],
  ['const', 's'],
  ['return', 's'],
  ['throw', 's'],
  ['try', 's'],
  ['break', 'sl'],
  ['continue', 'sl'],
  ['import', 's'],
  ['export', 'st'],
  ['fn', 'st'],
  ['private', 'st'],
];

/** Templates with a tab stop for each `${..}`. */
const SNIPPETS: readonly [label: string, needs: string, detail: string, template: string][] = [
  ['fn', 'st', 'a function', 'fn ${name}(${params}) {\n\t${}\n}'],
  ['if', '', 'a condition', 'if ${condition} {\n\t${}\n}'],
  ['if else', '', 'a condition and its opposite', 'if ${condition} {\n\t${}\n} else {\n\t${}\n}'],
  ['for', 's', 'each item', 'for ${item} in ${items} {\n\t${}\n}'],
  ['for counted', 's', 'each item with its number', 'for (${item}, ${index}) in ${items} {\n\t${}\n}'],
  ['for range', 's', 'each number', 'for ${number} in 0..${end} {\n\t${}\n}'],
  ['while', 's', 'as long as', 'while ${condition} {\n\t${}\n}'],
  ['loop', 's', 'until `break`', 'loop {\n\t${}\n}'],
  ['do', 's', 'at least once', 'do {\n\t${}\n} while ${condition};'],
  ['switch', '', 'one of several', 'switch ${value} {\n\t${pattern} => ${result},\n\t_ => ${otherwise},\n}'],
  ['try', 's', 'catch what is thrown', 'try {\n\t${}\n} catch (${problem}) {\n\t${}\n}'],
  ['let', 's', 'a variable', 'let ${name} = ${value};'],
  ['const', 's', 'a constant', 'const ${NAME} = ${value};'],
  ['import', 's', 'another script of the app', 'import "${script}" as ${name};'],
  ['closure', 'v', 'a function without a name', '|${params}| ${}'],
];

function fits(needs: string, context: Context): boolean {
  const { statement, value, inLoop, inFunction, top } = context;
  if (!value) return false;
  return (
    (statement || !needs.includes('s')) &&
    (inLoop || !needs.includes('l')) &&
    (inFunction || !needs.includes('f')) &&
    (top || !needs.includes('t')) &&
    !(statement && needs === 'v')
  );
}

export function keywordItems(context: Context): CompletionItem[] {
  const items: CompletionItem[] = [];
  const keyword = (label: string, rank: number) =>
    items.push({ label, kind: 'keyword', detail: '', doc: '', rank });
  for (const word of context.rest) keyword(word, 95);
  for (const [word, needs] of WORDS) {
    if (fits(needs, context)) keyword(word, context.statement ? 30 : needs ? 5 : 25);
  }
  for (const [label, needs, detail, snippet] of SNIPPETS) {
    if (fits(needs, context)) items.push({ label, kind: 'snippet', detail, doc: '', snippet, rank: 28 });
  }
  return items;
}
