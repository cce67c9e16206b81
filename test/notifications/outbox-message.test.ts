import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutboxMessage } from '../../src/adapters/outbox-message.js';
import { unknownSubject } from '../../src/adapters/outbox-subject.js';
import { type NotificationTopic, notificationTopics, planNotifications } from '../../src/core/notification.js';
import { occurredAt, webhookTarget } from './samples.js';

test('what waits for a person, and a file that was refused, are told with what to do', () => {
  const told = (topic: NotificationTopic, on: readonly NotificationTopic[]) => {
    const event =
      topic === 'approval_needed'
        ? ({ type: topic, generation: 7, archives: 12 } as const)
        : ({ type: 'config_rejected', hash: 'h', problems: ['config.yaml:3:1: Unknown key "colour".'] } as const);
    const [entry] = planNotifications({ seq: 1, at: occurredAt, event }, [{ ...webhookTarget('http://h/'), on }]);
    return entry === undefined ? null : createOutboxMessage(entry, unknownSubject, 'attic');
  };
  const asked = told('approval_needed', notificationTopics);
  assert.equal(asked?.subject, '[attic] 12 images would be deleted: approval needed');
  assert.match(asked.text, /disk2iso approve 7/);
  const refused = told('config_rejected', notificationTopics);
  assert.equal(refused?.subject, '[attic] The configuration file was refused');
  assert.match(refused.text, /Unknown key "colour"[\s\S]*disk2iso validate FILE/);
  assert.equal(told('config_rejected', ['approval_needed']), null);
});
