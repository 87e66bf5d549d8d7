// Keywords and snippets, by the place they may stand at.
import type { CompletionItem } from './item';
import type { Context } from './context';

/** Words, and whether they need a loop (`l`), a function (`f`), the top level (`t`) or a statement (`s`). */
const WORDS =
  'true false if switch loop while do for this:f let:s const:s return:s throw:s try:s break:sl continue:sl import:s ' +
  'export:st fn:st private:st';

/** What each needs, what it is, and its template: `<name>` is a tab stop, `@` a block. `v`: only within a statement. */
const SNIPPETS = `fn|st|a function|fn <name>(<params>) @
if||a condition|if <condition> @
if else||a condition and its opposite|if <condition> @ else @
for|s|each item|for <item> in <items> @
for counted|s|each item with its number|for (<item>, <index>) in <items> @
for range|s|each number|for <number> in 0..<end> @
while|s|as long as|while <condition> @
loop|s|until \`break\`|loop @
do|s|at least once|do @ while <condition>;
switch||one of several|switch <value> {\n\t<pattern> => <result>,\n\t_ => <otherwise>,\n}
try|s|catch what is thrown|try @ catch (<problem>) @
let|s|a variable|let <name> = <value>;
const|s|a constant|const <NAME> = <value>;
import|s|another script of the app|import "<script>" as <name>;
closure|v|a function without a name| |<params>| <>`;

function fits(needs: string, { statement, inLoop, inFunction, top }: Context): boolean {
  const has: Record<string, boolean> = { s: statement, l: inLoop, f: inFunction, t: top, v: !statement };
  return [...needs].every((need) => has[need]);
}

export function keywordItems(context: Context): CompletionItem[] {
  const keyword = (label: string, rank: number): CompletionItem => ({
    label,
    kind: 'keyword',
    detail: '',
    doc: '',
    rank,
  });
  const items = context.rest.map((word) => keyword(word, 95));
  if (!context.value) return items;
  for (const word of WORDS.split(' ')) {
    const [label, needs = ''] = word.split(':');
    if (fits(needs, context)) items.push(keyword(label!, context.statement ? 30 : needs ? 5 : 25));
  }
  for (const line of SNIPPETS.split(/\n(?=\w)/)) {
    const [, label, needs, detail, template] = /^(.*?)\|(.*?)\|(.*?)\| ?([^]*)/.exec(line)!;
    const snippet = template!
      .replace(/@/g, '{\n\t<>\n}')
      .replace(/</g, '${')
      .replace(/(\$\{\w*)>/g, '$1}');
    if (fits(needs!, context))
      items.push({ label: label!, kind: 'snippet', detail: detail!, doc: '', snippet, rank: 28 });
  }
  return items;
}
