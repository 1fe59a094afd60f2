import { mitigations as weaknesses } from '../../collectors/environment.js';
import { check, fine } from '../check.js';

export const mitigations = check({
  id: 'mitigations',
  group: 'processor',
  read: weaknesses,
  judge(list) {
    if (list === null) return fine('not visible');
    const isOn = (text: string) => /Mitigation/.test(text);
    const names = (some: readonly string[]) => some.map((text) => text.split(':')[0]).join(', ');
    const [on, off] = [list.filter(isOn), list.filter((text) => !isOn(text))];
    const parts = [
      on.length > 0 ? `on for ${names(on)}` : 'none on',
      ...(off.length > 0 ? [`not, or not wholly, for ${names(off)}`] : []),
    ];
    return fine(`${parts.join('; ')}: part of the cost of every system call`);
  },
});
