import type { Run } from '../../harness/results/run-schema.js';

export const PageFoot = ({ run }: { run: Run }) => (
  <footer>
    Written by {run.tool} from run.json of run <span class="code">{run.id}</span>. Every figure on this page
    comes from that file.
  </footer>
);
