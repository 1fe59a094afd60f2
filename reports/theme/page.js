// What a page does for those who have JavaScript: figures that are pointed at say what they are, legends filter, and charts
// and tables can be taken along. It reads only what stands in the page.

const make = (tag, properties = {}, children = []) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const said = make('div', { className: 'said', hidden: true });
said.setAttribute('role', 'status');
document.body.append(said);

const say = (point) => {
  const title = point.querySelector('title');
  if (!title) return;
  said.textContent = title.textContent;
  said.hidden = false;
  const at = point.getBoundingClientRect();
  const left = Math.min(at.left, document.documentElement.clientWidth - said.offsetWidth - 8);
  said.style.left = `${Math.max(8, left) + scrollX}px`;
  said.style.top = `${at.bottom + 10 + scrollY}px`;
};
const hush = () => {
  said.hidden = true;
};

/** What says something when it is pointed at: a sign, or a piece of a bar or a map. */
const POINT = 'use, .point';

const visible = (plot) => [...plot.querySelectorAll(POINT)].filter((point) => !point.closest('[data-off]'));

/** Arrow keys walk through the figures of a plot, from left to right. */
const walk = (plot) => {
  let at = -1;
  const points = () =>
    visible(plot).sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
  const go = (to) => {
    const all = points();
    if (all.length === 0) return;
    plot.querySelector('.at')?.classList.remove('at');
    at = (to + all.length) % all.length;
    all[at].classList.add('at');
    say(all[at]);
  };
  plot.tabIndex = 0;
  plot.setAttribute('role', 'group');
  plot.setAttribute('aria-label', 'Chart: arrow keys read its figures');
  plot.addEventListener('focus', () => go(Math.max(at, 0)));
  plot.addEventListener('blur', () => {
    plot.querySelector('.at')?.classList.remove('at');
    hush();
  });
  plot.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') hush();
    if (step === undefined) return;
    event.preventDefault();
    go(at + step);
  });
  plot.addEventListener('pointerover', (event) => {
    const point = event.target.closest(POINT);
    if (point) say(point);
  });
  plot.addEventListener('pointerout', hush);
};

/** A legend's entries show and hide what has their colour. */
const filter = (figure) => {
  for (const entry of figure.querySelectorAll('.legend li[data-ink]')) {
    const button = make('button', { type: 'button' }, [...entry.childNodes]);
    button.setAttribute('aria-pressed', 'true');
    entry.append(button);
    button.addEventListener('click', () => {
      const isOn = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(isOn));
      for (const mark of figure.querySelectorAll('.plot svg *')) {
        const ink = [mark.getAttribute('fill'), mark.getAttribute('stroke')];
        if (ink.includes(entry.dataset.ink)) mark.toggleAttribute('data-off', !isOn);
      }
    });
  }
};

const save = (blob, name) => {
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

/** An SVG that needs nothing beside it: its colours are those that the page shows now, its signs are with it. */
const standalone = (svg) => {
  const copy = svg.cloneNode(true);
  const from = [svg, ...svg.querySelectorAll('*')];
  [copy, ...copy.querySelectorAll('*')].forEach((element, index) => {
    const style = getComputedStyle(from[index]);
    for (const property of ['fill', 'stroke'])
      if (element.hasAttribute(property)) element.setAttribute(property, style[property]);
    if (element.tagName === 'text') element.setAttribute('font-family', 'system-ui, sans-serif');
  });
  copy.setAttribute('font-size', getComputedStyle(svg).fontSize);
  const signs = new Set([...copy.querySelectorAll('use')].map((use) => use.getAttribute('href')));
  const missing = [...signs].filter((sign) => !copy.querySelector(sign));
  copy.prepend(...missing.map((sign) => document.querySelector(sign).cloneNode()));
  for (const sign of copy.querySelectorAll(':scope > path[id]')) {
    const defs = document.createElementNS(svg.namespaceURI, 'defs');
    sign.replaceWith(defs);
    defs.append(sign);
  }
  const [, , width, height] = svg.getAttribute('viewBox').split(' ');
  copy.setAttribute('width', width);
  copy.setAttribute('height', height);
  copy.style.background = getComputedStyle(document.documentElement).backgroundColor;
  return copy;
};

const svgBlob = (svg) =>
  new Blob([new XMLSerializer().serializeToString(standalone(svg))], { type: 'image/svg+xml' });

const savePng = async (svg, name) => {
  const url = URL.createObjectURL(svgBlob(svg));
  const image = make('img', { src: url });
  await image.decode();
  const canvas = make('canvas', { width: image.width * 2, height: image.height * 2 });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  canvas.toBlob((blob) => save(blob, name), 'image/png');
};

const cellsOf = (table) =>
  [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.replace(/\s+/g, ' ').trim()));

const asCsv = (tables) =>
  tables
    .map((table) =>
      cellsOf(table)
        .map((row) => row.map((cell) => `"${cell.replace(/"/g, '""')}"`).join(','))
        .join('\r\n'),
    )
    .join('\r\n\r\n');

const asMarkdown = (table) => {
  const [head = [], ...rows] = cellsOf(table).map((row) =>
    row.map((cell) => cell.replace(/[\\|<>`*_[\]]/g, '\\$&')),
  );
  const line = (row) => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
};

const copy = async (text, button) => {
  await navigator.clipboard.writeText(text);
  const before = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => {
    button.textContent = before;
  }, 2_000);
};

const action = (text, act) => {
  const button = make('button', { type: 'button', textContent: text });
  button.addEventListener('click', () => act(button));
  return button;
};

const takeAlong = (figure) => {
  const name = figure.id || 'chart';
  const pictures = [...figure.querySelectorAll('.plot svg')];
  const elsewhere = figure.dataset.tables && document.querySelector(figure.dataset.tables);
  const tables = [...(elsewhere ?? figure).querySelectorAll('table')];
  const numbered = (index) => (pictures.length > 1 ? `${name}-${index + 1}` : name);
  figure.append(
    make('div', { className: 'actions' }, [
      action('SVG', () => {
        for (const [index, svg] of pictures.entries()) save(svgBlob(svg), `${numbered(index)}.svg`);
      }),
      action('PNG', () => Promise.all(pictures.map((svg, index) => savePng(svg, `${numbered(index)}.png`)))),
      action('CSV', () => save(new Blob([asCsv(tables)], { type: 'text/csv' }), `${name}.csv`)),
      action('Copy as Markdown', (button) => copy(tables.map(asMarkdown).join('\n\n'), button)),
    ]),
  );
};

/** A claim in a few lines: the sentence, its verdict, the finding, its condition, and the figures that decide. */
const claimAsMarkdown = (head) => {
  const told = (selector) => head.querySelector(selector)?.textContent.replace(/\s+/g, ' ').trim() ?? '';
  const figures = document.querySelector('#support table, #open table, #data table');
  const parts = [`**${told('h1')}**: ${told('.verdict .badge')}`, told('.answer'), told('.condition')];
  return [...parts, figures ? asMarkdown(figures) : ''].filter(Boolean).join('\n\n');
};

for (const plot of document.querySelectorAll('.plot')) walk(plot);
for (const verdict of document.querySelectorAll('[data-claim]'))
  verdict.after(
    make('div', { className: 'actions' }, [
      action('Copy as Markdown', (button) => copy(claimAsMarkdown(verdict.parentElement), button)),
    ]),
  );
for (const figure of document.querySelectorAll('figure.chart:not(.absent)')) {
  filter(figure);
  takeAlong(figure);
}
for (const section of document.querySelectorAll('.scroll')) {
  const table = section.querySelector('table');
  if (!table || section.closest('figure')) continue;
  section.after(
    make('div', { className: 'actions' }, [
      action('Copy as Markdown', (button) => copy(asMarkdown(table), button)),
    ]),
  );
}
addEventListener('beforeprint', () => {
  for (const each of document.querySelectorAll('details')) each.open = true;
});
