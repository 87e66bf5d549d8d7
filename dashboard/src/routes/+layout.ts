// A page that runs in the browser alone: the server has files and an API, nothing else.
export const ssr = false;
export const trailingSlash = 'never';
