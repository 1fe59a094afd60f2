import type { Page } from '../pages/page.js';

/** The pages of the report, with the one that is open marked. */
export const SiteNav = ({ pages, open }: { pages: readonly Page[]; open: Page['file'] }) => (
  <nav class="pages" aria-label="Pages of this report">
    {pages.map((page) => (
      <a href={page.file} aria-current={page.file === open ? 'page' : undefined}>
        {page.name}
      </a>
    ))}
  </nav>
);
