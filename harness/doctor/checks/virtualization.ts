import { virtualization as platform } from '../../collectors/environment.js';
import { check, fine } from '../check.js';

export const virtualization = check({
  id: 'virtualization',
  group: 'processor',
  read: platform,
  judge(name) {
    if (name === null) return fine('not visible');
    return fine(
      name === 'none' ? 'none seen' : `a guest of ${name === 'unknown hypervisor' ? 'an ' : ''}${name}`,
    );
  },
});
