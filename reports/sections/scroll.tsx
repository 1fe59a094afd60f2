import type { ComponentChildren } from 'preact';

/** What may be wider than a phone scrolls within itself, by touch and by keyboard; the page never does. */
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset is for inputs
  // biome-ignore lint/a11y/noNoninteractiveTabindex: else the keyboard cannot scroll it everywhere
  <div class="scroll" role="group" aria-label={label} tabIndex={0}>
    {children}
  </div>
);
