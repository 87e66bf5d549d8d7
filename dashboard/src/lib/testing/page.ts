// What components find of the page around them in tests, in the place of Kit's own.
import '../../app.css';

import { beforeEach, vi } from 'vitest';

vi.mock('$app/navigation', () => ({
  goto: vi.fn(() => Promise.resolve()),
  invalidateAll: vi.fn(() => Promise.resolve()),
}));
vi.mock('$app/paths', () => ({
  resolve: (path: string, params: Record<string, string> = {}) =>
    path.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name: string) => params[name] ?? ''),
}));
vi.mock('$app/state', () => ({ page: { params: { app: 'shop' }, url: new URL('http://localhost/') } }));

beforeEach(() => void vi.clearAllMocks());
