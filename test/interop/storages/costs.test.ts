import { expect, it, onTestFinished } from 'vitest';
import { describeInstalled } from '../../support/process/installed.js';
import { apacheMissing, startApache } from '../../support/servers/apache.js';
import { REVERSE_PROXIES } from '../../support/servers/reverse-proxies.js';
import { documentedRequests } from '../scene/documented.js';
import { startScene } from '../scene/scene.js';
import { fillSmallSpace, requestsToKnow } from '../scene/small-space.js';
import { SUBJECTS } from '../scene/subjects.js';

for (const subject of SUBJECTS) {
  describeInstalled(`what a small space costs on ${subject.name}`, [subject.missing], () => {
    it('is as documented', async () => {
      const scene = await startScene(subject, { fill: fillSmallSpace });
      onTestFinished(scene.end);
      expect(await requestsToKnow(scene)).toEqual(documentedRequests(subject.name));
    });
  });
}

for (const proxy of REVERSE_PROXIES) {
  describeInstalled(`what a small space costs behind ${proxy.name}`, [apacheMissing, proxy.missing], () => {
    it('is as documented', async () => {
      const start = async (options: { readonly directory: string }) => {
        const apache = await startApache(options);
        onTestFinished(apache.stop);
        return proxy.start({ target: apache.port });
      };
      const scene = await startScene({ start, memoryMs: 0 }, { fill: fillSmallSpace });
      onTestFinished(scene.end);
      expect(await requestsToKnow(scene)).toEqual(documentedRequests('the same behind'));
    });
  });
}
