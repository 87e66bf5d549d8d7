// One page that the server answers for every path it has no file for; it may load nothing but its own files.
import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: adapter({ fallback: 'index.html' }),
    // The types of the tests in a browser are looked at as well.
    typescript: {
      config(config) {
        config.include.push('../e2e/**/*.ts', '../playwright.config.ts');
      },
    },
    // Kit adds the hash of its start script. What a <meta> cannot say is in the server's headers.
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['self'],
        // Kit's own announcer for screen readers has a style attribute, this one.
        'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
        'img-src': ['self', 'data:'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['none'],
      },
    },
  },
};
