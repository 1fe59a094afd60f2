import { existsSync } from 'node:fs';
import { readText } from '../../collectors/collector.js';
import { check, fine } from '../check.js';

interface Reading {
  /** What started it, where that shows. */
  readonly runtime: 'Docker' | 'Podman' | 'Kubernetes' | null;
  /** Whether system calls pass a seccomp filter. A kernel that says nothing of it has none. */
  readonly filtered: boolean;
}

/** Where what it grants is set. The checks beside this one name the option for each thing that is short. */
const SET_BY = {
  Docker: 'options of docker run',
  Podman: 'options of podman run, which are those of docker run',
  Kubernetes: "the pod's resources and securityContext",
} as const;

export const container = check({
  id: 'container',
  group: 'rights',
  read: (): Reading => ({ runtime: runtime(), filtered: isFiltered() }),
  judge({ runtime: by, filtered }, { container: inside }) {
    const filter = filtered ? 'a seccomp filter' : 'no seccomp filter';
    if (!inside) return fine(filtered ? `none, but ${filter}` : 'none');
    const set = by === null ? "its runtime's options" : SET_BY[by];
    return fine(`${by ?? 'yes'}, with ${filter}: fds, CPUs, memory and system calls are what ${set} grant`);
  },
});

function runtime(): Reading['runtime'] {
  if (process.env.KUBERNETES_SERVICE_HOST) return 'Kubernetes';
  if (existsSync('/run/.containerenv')) return 'Podman';
  return existsSync('/.dockerenv') ? 'Docker' : null;
}

const isFiltered = (): boolean => /^Seccomp:\s*2/m.test(readText('/proc/self/status') ?? '');
