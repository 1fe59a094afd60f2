// The page where a reader sets a workload: sliders choose among settings that were worked out when the page was made.

const explorer = document.querySelector('.explorer');

const thin = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');

const UNITS = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];

/** A time and its interval as the rest of the page writes them: three digits, in the unit that suits the time. */
const write = (low, value, high) => {
  const [divisor, unit] = UNITS.find(([least]) => value >= least) ?? UNITS.at(-1);
  const size = Math.max(value, (high - low) / 2) / divisor;
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  const told = (ns) => {
    const [whole, fraction] = (ns / divisor).toFixed(decimals).split('.');
    return thin(whole) + (fraction ? `.${fraction}` : '');
  };
  return { cost: `${told(value)}\u00a0${unit}`, interval: `[${told(low)}, ${told(high)}]` };
};

const unpack = (word) => {
  const [winner, costs] = word.split(':');
  return {
    winner: Number.parseInt(winner, 10),
    isSure: !winner.endsWith('?'),
    costs: costs.split('/').map((cost) => ({
      ends: cost.replace('!', '').split(',').map(Number),
      isExtrapolated: cost.endsWith('!'),
    })),
  };
};

const explore = () => {
  const form = explorer.querySelector('form');
  const { watched, ready, churn, timeout } = form.elements;
  const pollers = explorer.dataset.pollers.split(',');
  const [sure, unsure] = explorer.dataset.says.split('|');
  const readyOf = explorer.dataset.ready.split(' ').map((counts) => counts.split(',').map(Number));
  const grid = explorer.dataset.grid.split(' ');
  const [left, top, width, height, fewest, most, least, all] = explorer.dataset.map.split(',').map(Number);
  const panels = [...document.querySelectorAll('#chart-crossover .panel')];
  const valuesOf = (slider) => slider.dataset.values.split(',').map(Number);
  const settingOf = (slider) => valuesOf(slider)[slider.value];
  const timeouts = [...timeout].map(({ value }) => value);
  // By timeout, churn and watched fds, each of these with as many settings as it offers counts of ready ones.
  const condition = () => timeouts.indexOf(timeout.value) * valuesOf(churn).length + Number(churn.value);
  const perCondition = readyOf.flat().length;
  const place = () =>
    condition() * perCondition + readyOf.slice(0, watched.value).flat().length + Number(ready.value);

  /** The counts of ready fds that there can be now; the share stays what it was, as nearly as can be. */
  const offerReady = (share) => {
    const counts = readyOf[watched.value];
    const off = (count) => Math.abs(Math.log(count / (share * settingOf(watched))));
    const nearest = counts.reduce((best, count) => (off(count) < off(best) ? count : best));
    ready.dataset.values = counts.join();
    ready.max = counts.length - 1;
    ready.value = counts.indexOf(nearest);
  };

  const fill = ({ winner, isSure, costs }) => {
    explorer.querySelector('.says').textContent = `${pollers[winner]} ${isSure ? sure : unsure}`;
    const cheapest = costs[winner].ends[1];
    const longest = Math.max(...costs.map(({ ends }) => ends[2]));
    for (const [index, { ends, isExtrapolated }] of costs.entries()) {
      const row = explorer.querySelector(`tr[data-poller="${pollers[index]}"]`);
      const { cost, interval } = write(...ends);
      const factor = ends[1] / cheapest;
      const [from, value, to] = ends.map((ns) => (100 * ns) / longest);
      row.querySelector('.cost').textContent = cost;
      row.querySelector('.interval').textContent = interval;
      row.querySelector('.factor').textContent =
        index === winner ? 'least' : `${factor.toFixed(factor < 2 ? 2 : factor < 10 ? 1 : 0)}×`;
      row.querySelector('.beyond').textContent = isExtrapolated ? 'extrapolated' : '';
      row.querySelector('.cost-bar rect').setAttribute('width', value);
      row.querySelector('.cost-bar path').setAttribute('d', `M${from},5H${to}`);
    }
  };

  const mark = () => {
    for (const [index, panel] of panels.entries()) panel.hidden = index !== condition();
    const svg = panels[condition()]?.querySelector('svg');
    if (!svg) return;
    const you = svg.querySelector('.you') ?? document.createElementNS(svg.namespaceURI, 'circle');
    const between = (value, from, to) => Math.log(value / from) / Math.log(to / from);
    const places = {
      class: 'you',
      r: 7,
      cx: left + width * between(settingOf(watched), fewest, most),
      cy: top + height * (1 - between(settingOf(ready) / settingOf(watched), least, all)),
    };
    for (const [name, value] of Object.entries(places)) you.setAttribute(name, value);
    svg.append(you);
  };

  const show = () => {
    for (const slider of [watched, ready, churn]) {
      const told = thin(String(settingOf(slider)));
      slider.setAttribute('aria-valuetext', told);
      form.querySelector(`output[for="${slider.id}"]`).value = told;
    }
    fill(unpack(grid[place()]));
    mark();
  };

  let share = settingOf(ready) / settingOf(watched);
  form.addEventListener('input', ({ target }) => {
    if (target === watched) offerReady(share);
    if (target === ready) share = settingOf(ready) / settingOf(watched);
    show();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  explorer.querySelector('.setting').hidden = true;
  form.hidden = false;
  document.querySelector('#chart-crossover').classList.add('alone');
  show();
};

if (explorer) explore();
