// How fast the built Rhai package is: `npm run bench`, after `npm run rhai`. Medians of many runs, in milliseconds.
import { readFileSync } from 'node:fs';

import { EditorState } from '@codemirror/state';

import { rhai } from '../build-rhai/editor.js';
import { analyse, apiOf, complete, diagnosticsOf, format, parse } from '../build-rhai/rhai.js';

const PART = `/// What one line of an order costs.
fn cost_N(item, amount) {
	let price = item.price * amount;
	if amount >= 10 && item.kind != "book" {
		price -= price / 10; // a discount
	}
	let labels = #{ name: item.name, price: price, tags: [item.kind, "order", 'x'] };
	log(\`cost of \${labels.name} is \${price + 0.5}\`);
	for (tag, index) in labels.tags {
		switch tag {
			"book" | "order" => total[index] += 1,
			_ => { print(tag); }
		}
	}
	let found = items.filter(|entry| entry.amount > amount).map(|entry| entry.name ?? "none");
	try {
		kv::set(\`cost/\${item.id}\`, found.len() + labels.price);
	} catch (problem) {
		throw #{ code: 500, reason: problem.message };
	}
	labels
}

`;

function script(lines) {
  const perPart = PART.split('\n').length - 1;
  let source = '';
  for (let part = 0; part * perPart < lines; part++) source += PART.replace('N', String(part));
  return source.split('\n').slice(0, lines).join('\n');
}

const api = apiOf(JSON.parse(readFileSync(new URL('../../sdk/api/script.json', import.meta.url), 'utf8')));

function median(runs, work) {
  const times = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[runs >> 1].toFixed(2);
}

/** Letters written in the middle, one after the other. */
function keyStrokes(source, runs) {
  let state = EditorState.create({ doc: source, extensions: rhai({ options: () => ({ api }) }) });
  const from = source.indexOf('price', source.length >> 1);
  return median(runs, () => {
    state = state.update({
      changes: { from, insert: 'x' },
      selection: { anchor: from + 1 },
      userEvent: 'input.type',
    }).state;
  });
}

for (const [lines, runs] of [
  [1_000, 101],
  [10_000, 31],
]) {
  const source = script(lines);
  for (let warm = 0; warm < 20; warm++) parse(source);
  console.log(`parse ${lines} lines (${source.length} characters): ${median(runs, () => parse(source))} ms`);
  console.log(`  with its symbols: ${median(runs, () => analyse(source, { api }))} ms`);
  const edited = `${source}\nreq.`;
  const all = () => {
    const analysis = analyse(edited, { api });
    diagnosticsOf(analysis);
    complete(analysis, edited.length);
  };
  // Its last function is cut off, and with an error nothing would be formatted.
  const whole = source.slice(0, source.lastIndexOf('///'));
  if (!format(whole).ok) throw new Error('The script cannot be formatted.');
  console.log(`  formatted: ${median(runs, () => format(whole))} ms`);
  console.log(`  with its symbols, diagnostics and a completion: ${median(runs, all)} ms`);
  console.log(`  a key stroke in the editor, until its text has colours: ${keyStrokes(source, runs)} ms`);
}

for (const part of ['(', '[', '{', '`${', '/*', 'if a ', '!', '- ', '|', 'a.', 'x = ', '"\n']) {
  const source = part.repeat(100_000);
  console.log(`parse 100,000 times ${JSON.stringify(part)}: ${median(3, () => parse(source))} ms`);
}
