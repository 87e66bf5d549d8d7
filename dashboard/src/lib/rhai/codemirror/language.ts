// Rhai as a language of the editor: highlighting, folding, indentation, comments and brackets.
import { defineLanguageFacet, Language, languageDataProp } from '@codemirror/language';
import { nodeSet } from './nodes';
import { RhaiParser } from './parser';
import type { Service } from './service';

const data = defineLanguageFacet({
  commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
  closeBrackets: { brackets: ['(', '[', '{', '"', '`'] },
  indentOnInput: /^\s*[}\])]$/,
  wordChars: '_',
});

const nodes = nodeSet.extend(languageDataProp.add({ script: data }));

export const languageOf = (service: Service) =>
  new Language(data, new RhaiParser(service, nodes), [], 'rhai');
