// How the editor looks: the page's own colours, which know of light and dark.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';

const floating = {
  background: 'var(--card)',
  color: 'var(--text)',
  border: '1px solid var(--edge)',
  borderRadius: '6px',
};

const theme = EditorView.theme({
  '&': { height: '100%', background: 'var(--field)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-content': { padding: '0.7rem 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { background: 'var(--page)', color: 'var(--muted)', borderRight: '1px solid var(--line)' },
  '.cm-lineNumbers .cm-gutterElement': { paddingInline: '0.7rem 0.3rem' },
  '.cm-activeLine': { background: 'color-mix(in srgb, var(--muted) 9%, transparent)' },
  '.cm-activeLineGutter': { background: 'var(--line)', color: 'var(--text)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 25%, transparent)',
  },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--good-soft)', outline: '1px solid var(--good)' },
  '&.cm-focused .cm-nonmatchingBracket': { background: 'var(--bad-soft)' },
  '.cm-foldPlaceholder': { ...floating, color: 'var(--muted)' },
  '.cm-tooltip': { ...floating, font: '0.85rem/1.4 system-ui, sans-serif' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '16em' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { opacity: '0.85', fontStyle: 'normal' },
  '.cm-panels': { background: 'var(--page)', color: 'var(--text)' },
  '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-textfield, .rhai-panel input': {
    ...floating,
    background: 'var(--field)',
    padding: '0.25rem 0.5rem',
    font: 'inherit',
  },
  '.cm-button, .rhai-panel form button': {
    ...floating,
    backgroundImage: 'none',
    padding: '0.25rem 0.7rem',
    font: 'inherit',
    cursor: 'pointer',
  },
  '.cm-diagnosticAction': { background: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.rhai-unnecessary': { opacity: '0.6' },
  '.rhai-deprecated': { textDecoration: 'line-through' },
  '.rhai-read': { background: 'color-mix(in srgb, var(--warn) 22%, transparent)' },
  // As light as the other, or names on it could not be read: what is written has a line around it.
  '.rhai-write': {
    background: 'color-mix(in srgb, var(--warn) 22%, transparent)',
    outline: '1px solid var(--warn)',
    outlineOffset: '-1px',
  },
  '.rhai-card': { padding: '0.4rem 0.7rem', maxWidth: '38rem' },
  '.rhai-card > *': { display: 'block', margin: '0.2rem 0', whiteSpace: 'pre-wrap' },
  '.rhai-card pre, .rhai-card code': { fontFamily: 'var(--mono)', fontSize: '0.95em' },
  '.rhai-signature strong': { color: 'var(--accent)' },
  '.rhai-panel': { padding: '0.4rem 0.7rem', font: '0.85rem/1.4 system-ui, sans-serif' },
  '.rhai-panel header': { display: 'flex', justifyContent: 'space-between', fontWeight: '600' },
  '.rhai-panel form': { display: 'flex', gap: '0.5rem' },
  '.rhai-panel p': { margin: '0.2rem 0', color: 'var(--muted)' },
  '.rhai-panel p[role=alert]': { color: 'var(--bad)' },
  '.rhai-panel ul': { listStyle: 'none', margin: '0', padding: '0', maxHeight: '10rem', overflow: 'auto' },
  '.rhai-panel header button, .rhai-panel li button': {
    background: 'none',
    border: '0',
    color: 'inherit',
    cursor: 'pointer',
  },
  '.rhai-panel li button': {
    width: '100%',
    textAlign: 'left',
    padding: '0.1rem 0.3rem',
    font: '0.9rem/1.5 var(--mono)',
    whiteSpace: 'pre',
  },
  '.rhai-panel li button:focus': { background: 'var(--accent)', color: 'var(--on-accent)', outline: 'none' },
  '.rhai-panel mark': { background: 'var(--warn-soft)', color: 'var(--text)' },
});

const colours = HighlightStyle.define([
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.moduleKeyword], color: 'var(--accent)' },
  { tag: [t.string, t.character], color: 'var(--good)' },
  { tag: [t.number, t.bool, t.self, t.constant(t.variableName)], color: 'var(--warn)' },
  { tag: [t.comment, t.lineComment, t.blockComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: t.docComment, color: 'var(--muted)' },
  { tag: [t.function(t.variableName), t.function(t.propertyName)], color: 'var(--call)' },
  { tag: t.function(t.definition(t.variableName)), color: 'var(--call)', fontWeight: '600' },
  { tag: [t.namespace, t.typeName], color: 'var(--space)' },
  { tag: t.local(t.variableName), fontStyle: 'italic' },
  { tag: t.invalid, color: 'var(--bad)' },
]);

export const look = [theme, syntaxHighlighting(colours)];
