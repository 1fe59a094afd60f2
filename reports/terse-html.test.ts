import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terseHtml } from './terse-html.js';

test('a value without a sign that could end it needs no quotes, and what is empty in an SVG no end', () => {
  assert.equal(
    terseHtml(
      '<a class="x" title="a b" href="#c">d</a><svg><path fill="var(--p-poll)"></path><rect x="1"></rect></svg>',
    ),
    '<a class=x title="a b" href=#c>d</a><svg><path fill=var(--p-poll) /><rect x=1 /></svg>',
  );
  const within = '<path d="M0 1h2"><title>a</title></path>';
  assert.equal(terseHtml(within), within);
  assert.equal(terseHtml('<p data-x=""></p><b title="&quot;">'), '<p data-x=""></p><b title="&quot;">');
});

test('the end of a cell, a row and an item is left out where the next begins', () => {
  const table =
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>';
  assert.equal(terseHtml(table), '<table><thead><tr><th>a<tbody><tr><td>1<td>2</table>');
  assert.equal(terseHtml('<li>a</li> and more'), '<li>a</li> and more');
});

test('scripts and texts stay as they are', () => {
  const page = `<script type="module">const a = '<b class="x">' + '</td><td>';</script><p>a="b" > </p>`;
  assert.equal(terseHtml(page), page);
  const text = '<p title="> x=&quot;y&quot;">x="y" &lt;b class="z"></p>';
  assert.equal(terseHtml(text), text);
});
