import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { write } from './figures.js';
import { claimFile } from './pages/claim-file.js';
import { pages } from './pages/registry.js';
import { accepted, predictionsOf } from './predictions.js';
import { terseHtml } from './terse-html.js';
import { findChromium, launch, type Opened, openFile, type View, Windows } from './testing/chromium.js';
import { exampleClaims } from './testing/example-claims.js';
import { ALONE, writeExampleFolder } from './testing/example-folder.js';
import { exampleRun } from './testing/example-run.js';
import { BOTTOM_OF, lookAt, PAINTED, SCHEMES, type Seen, WIDTHS } from './testing/seen.js';

const program = findChromium();
const skip = program === undefined ? 'there is no Chromium or Chrome on PATH to open the page with' : false;

describe('the pages in a real browser', { skip }, () => {
  let browser: Browser;
  let windows: Windows;
  let folder: string;
  let rendered: ReadonlyMap<string, string>;
  const inReport = (file: string) => join(folder, 'report', file);

  before(async () => {
    ({ folder, rendered } = await writeExampleFolder());
    browser = await launch(program ?? '');
    windows = new Windows(browser);
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const withPage = async (file: string, view: View, act: (opened: Opened) => Promise<void>) => {
    await act(await windows.show(inReport(file), view));
  };

  const files = [
    ...Object.values(pages).map(({ file }) => file),
    ...exampleClaims.map(({ id }) => claimFile(id)),
    ...ALONE,
  ];

  let looking: Promise<ReadonlyMap<string, Seen>> | undefined;
  const allSeen = (): Promise<ReadonlyMap<string, Seen>> => {
    looking ??= (async () => {
      const seen = new Map<string, Seen>();
      for (const file of files) seen.set(file, await lookAt(windows, inReport(file)));
      return seen;
    })();
    return looking;
  };

  for (const width of WIDTHS) {
    test(`nothing is wider than its page at ${width} px, with everything open`, async () => {
      for (const [file, { tooWide }] of await allSeen())
        assert.deepEqual(tooWide.get(width), { all: width, parts: [] }, file);
    });
  }

  test('no page asks for a file but itself, the style sheet and the script beside it, and none has anything to complain of', async () => {
    for (const [file, { requests, complaints }] of await allSeen()) {
      const beside = ALONE.includes(file)
        ? []
        : ['report.css', 'report.js'].map((name) => pathToFileURL(inReport(name)).href);
      assert.deepEqual(requests, [pathToFileURL(inReport(file)).href, ...beside]);
      assert.deepEqual(complaints, [], file);
    }
  });

  test('a page runs no script but ours: neither one that stands in it nor one beside it', async () => {
    const html = await readFile(inReport('index.html'), 'utf8');
    await writeFile(inReport('foreign.js'), 'document.title = "ran"');
    const elements = '<script>document.title = "ran"</script><script src=foreign.js></script>';
    await writeFile(inReport('foreign.html'), html.replace('</body>', `${elements}</body>`));
    await withPage('foreign.html', { width: 1280 }, async ({ page, complaints }) => {
      assert.notEqual(await page.title(), 'ran');
      assert.deepEqual(
        complaints.map((told) => /Content Security Policy/.test(told)),
        [true, true],
      );
      assert.ok((await page.locator('.actions').count()) > 0);
    });
  });

  test('a page that is sent alone is read without what stood beside it', async () => {
    const alone = join(folder, 'alone.html');
    await copyFile(inReport('index.html'), alone);
    const opened = await openFile(browser, alone, { width: 1280 });
    assert.ok(await opened.page.locator('#chart-cost-of-watching use').first().isVisible());
    assert.equal(await opened.page.locator('.verdicts tbody tr[id]').count(), exampleClaims.length);
    await opened.close();
  });

  for (const scheme of SCHEMES) {
    test(`axe finds no violation in the ${scheme}, with everything open`, async () => {
      const found = [...(await allSeen())].flatMap(([file, { violations }]) =>
        (violations.get(scheme) ?? ['not looked at']).map((told) => `${file}: ${told}`),
      );
      assert.deepEqual(found, []);
    });
  }

  for (const [width, height] of [
    [1280, 900],
    [390, 1400],
  ] as const) {
    test(`three findings and the chart that says most are within ${height} px at ${width}`, async () => {
      await withPage('index.html', { width }, async ({ page }) => {
        assert.equal(await page.locator('.findings li').count(), 3);
        assert.ok(Number(await page.evaluate(BOTTOM_OF('.findings li'))) <= height);
        assert.ok(Number(await page.evaluate(BOTTOM_OF('#chart-cost-of-watching .plot svg'))) <= height);
      });
    });
  }

  test('a browser makes of every page what it makes of all its letters', async () => {
    await withPage('index.html', { width: 1280 }, async ({ page }) => {
      for (const [file, whole] of rendered) {
        const made = JSON.stringify([whole, terseHtml(whole)]);
        const areAlike = await page.evaluate(
          `new Set(${made}.map((text) => new DOMParser().parseFromString(text, 'text/html').documentElement.outerHTML)).size === 1`,
        );
        assert.ok(areAlike, file);
      }
    });
  });

  test('one SVG is painted in light and in dark', async () => {
    let light: Record<string, string> = {};
    await withPage('index.html', { width: 1280 }, async ({ page }) => {
      light = (await page.evaluate(PAINTED)) as typeof light;
    });
    await withPage('index.html', { width: 1280, dark: true }, async ({ page }) => {
      const dark = (await page.evaluate(PAINTED)) as typeof light;
      for (const [part, colour] of Object.entries(light)) {
        assert.match(colour, /^rgb\(/, `${part} has a colour`);
        assert.notEqual(dark[part], colour, `${part} differs in the dark`);
      }
    });
  });

  test('the first key leads to the skip link, and that past the navigation', async () => {
    await withPage('index.html', { width: 1280 }, async ({ page }) => {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.className'), 'skip');
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate('location.hash'), '#main');
    });
  });

  test('arrow keys read the figures of a chart, and its legend filters by keyboard', async () => {
    await withPage('index.html', { width: 1280 }, async ({ page }) => {
      await page.locator('#chart-cost-of-watching .plot').focus();
      const first = await page.locator('.said').textContent();
      assert.match(first ?? '', /^watched fds 1, \S+: [\d.]+\sns \[/);
      await page.keyboard.press('ArrowRight');
      assert.notEqual(await page.locator('.said').textContent(), first);
      const shown = () => page.locator('#chart-cost-of-watching use:visible').count();
      const before = await shown();
      await page.locator('.legend button', { hasText: /^poll$/ }).focus();
      await page.keyboard.press('Enter');
      assert.ok((await shown()) < before);
      await page.keyboard.press('Enter');
      assert.equal(await shown(), before);
    });
  });

  test('a term of art is explained where it stands, by keyboard and without JavaScript', async () => {
    await withPage('turns.html', { width: 1280, scripts: false }, async ({ page }) => {
      const term = page.locator('.term').first();
      const meaning = page.locator(`#${await term.getAttribute('popovertarget')}`);
      assert.equal(await meaning.isVisible(), false);
      await term.focus();
      await page.keyboard.press('Enter');
      assert.equal(await meaning.isVisible(), true);
    });
  });

  test('without JavaScript all charts, tables and findings are there', async () => {
    await withPage('index.html', { width: 1280, scripts: false }, async ({ page }) => {
      assert.ok(await page.locator('#chart-cost-of-watching use').first().isVisible());
      assert.equal(await page.locator('.verdicts tbody tr[id]').count(), exampleClaims.length);
      assert.equal(await page.locator('.actions').count(), 0);
    });
  });

  test('the first column of a table stays in sight at 390 px when the rest scrolls', async () => {
    await withPage('index.html', { width: 390 }, async ({ page }) => {
      const left = await page.evaluate(`(() => {
        const scroll = document.querySelector('#verdicts .scroll');
        scroll.scrollLeft = 1000;
        const cell = scroll.querySelector('tbody tr[id] th');
        return [scroll.scrollLeft > 0, cell.getBoundingClientRect().left - scroll.getBoundingClientRect().left];
      })()`);
      assert.deepEqual(left, [true, 0]);
    });
  });

  test('a chart can be taken along as SVG, PNG, CSV and Markdown', async () => {
    await withPage('index.html', { width: 1280 }, async ({ page, complaints }) => {
      const figure = page.locator('#chart-cost-of-watching');
      for (const [kind, begins] of [
        ['SVG', '<svg'],
        ['PNG', '\u0089PNG'],
        ['CSV', '"watched fds"'],
      ] as const) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          figure.locator('.actions button', { hasText: kind }).click(),
        ]);
        const content = await readFile(await download.path(), 'latin1');
        assert.ok(content.startsWith(begins), `${kind}: ${content.slice(0, 20)}`);
        assert.doesNotMatch(content, /var\(--/, kind);
      }
      await figure.locator('.actions button', { hasText: 'Markdown' }).click();
      await figure.locator('.actions button', { hasText: 'Copied' }).waitFor();
      assert.match(
        String(await page.evaluate('navigator.clipboard.readText()')),
        /^\| watched fds \| select \|/,
      );
      assert.deepEqual(complaints, []);
    });
  });

  test('what differs between two runs stands first on their page', async () => {
    await withPage('compare.html', { width: 1280 }, async ({ page }) => {
      const top = await page.locator('.answer').first().boundingBox();
      assert.ok(top !== null && top.y < 900, `it is at ${top?.y} px`);
    });
  });

  test('a claim can be taken along as Markdown: sentence, verdict, finding and figures', async () => {
    await withPage('claim-highest-fd.html', { width: 1280 }, async ({ page }) => {
      await page.locator('.page-head .actions button').click();
      await page.locator('.page-head .actions button', { hasText: 'Copied' }).waitFor();
      const copied = String(await page.evaluate('navigator.clipboard.readText()'));
      assert.match(copied, /^\*\*[^\n]+\*\*: fails\n\n/);
      assert.match(copied, /\n\| Figure \| Value \|/);
    });
  });

  const costsShown = async (page: Page) =>
    (await page.locator('.costs tbody tr').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

  test('sliders are moved by keyboard, and say what the models predict for where they stand', async () => {
    await withPage('explore.html', { width: 1280 }, async ({ page, complaints }) => {
      assert.equal(await page.locator('#chart-crossover .panel:visible').count(), 1);
      const circle = page.locator('#chart-crossover .you');
      const before = await circle.getAttribute('cx');
      await page.locator('#explore-watched').focus();
      await page.keyboard.press('ArrowRight');
      assert.match((await page.locator('#explore-watched').getAttribute('aria-valuetext')) ?? '', /^100$/);
      assert.equal(await page.locator('output[for="explore-ready"]').textContent(), '50');
      assert.notEqual(await circle.getAttribute('cx'), before);
      await page.locator('#explore-churn').focus();
      await page.keyboard.press('End');
      await page.locator('input[value="zero"]').focus();
      await page.keyboard.press('Space');
      assert.match(
        (await page.locator('#chart-crossover .panel:visible .panel-title').textContent()) ?? '',
        /^One registration replaced each turn, returns at once$/,
      );
      const setting = { watched: 100, ready: 50, churnPer100: 100, timeout: 'zero' } as const;
      const told = predictionsOf(accepted(exampleRun()), setting).map(
        ({ poller, value, low, high, isExtrapolated }) => {
          const written = write({ value, low, high, unit: 'ns' });
          return `${poller}${isExtrapolated ? ' extrapolated' : ''} ${written.value} ${written.interval}`.replace(
            /\s+/g,
            ' ',
          );
        },
      );
      const shown = await costsShown(page);
      for (const [index, words] of told.entries())
        assert.ok(shown[index]?.startsWith(words), `${shown[index]} is not ${words}`);
      assert.match((await page.locator('.says').textContent()) ?? '', /is the cheapest/);
      assert.deepEqual(complaints, []);
    });
  });

  test('without JavaScript there is no slider, but one setting in figures and the map of every condition', async () => {
    await withPage('explore.html', { width: 1280, scripts: false }, async ({ page }) => {
      assert.equal(await page.locator('input:visible').count(), 0);
      assert.equal((await costsShown(page)).length, accepted(exampleRun()).length);
      assert.match(
        (await page.locator('.setting').textContent()) ?? '',
        /^50 watched, 25 ready, the set stays/,
      );
      assert.equal(await page.locator('#chart-crossover .panel:visible').count(), 16);
    });
  });

  for (const [question, link, place] of [
    ['which poller for fifty busy sockets', 'explore.html', '.says'],
    ['what an idle connection costs in memory', 'memory.html', '#chart-memory-stacks .chart-title'],
    ['whether this can be trusted', 'quality.html', '#noise .lead'],
    ['why select is slow at fd 900', 'claim-highest-fd.html', '.page-head .answer'],
  ] as const) {
    test(`${question} is answered one link from the first page, in the first screen`, async () => {
      await withPage('index.html', { width: 1280 }, async ({ page }) => {
        await page.locator(`:is(nav.pages, .findings) a[href="${link}"]`).click();
        const top = await page.locator(place).first().boundingBox();
        assert.ok(top !== null && top.y < 900, `${place} is at ${top?.y} px`);
      });
    });
  }

  test('print opens what is folded, without JavaScript too, and begins on the first page', async () => {
    await withPage('index.html', { width: 1280, scripts: false }, async ({ page }) => {
      await page.emulateMedia({ media: 'print' });
      assert.ok(await page.locator('details.figures table').first().isVisible());
      const top = await page
        .locator('h1')
        .evaluate((h1: { getBoundingClientRect(): { top: number } }) => h1.getBoundingClientRect().top);
      assert.ok(top < 200, `the heading is at ${top} px`);
    });
  });
});
