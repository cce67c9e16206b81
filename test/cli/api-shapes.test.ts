import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type * as shapes from '../../src/cli/api-shapes.js';
import type { ApiShapes } from '../../src/http/api.gen.js';
import { archive, damagedJob, degraded, devices, event, job, status } from './canned.js';

// does not compile where an answer of the daemon no longer is what the commands read
type Fits<Answer extends Read, Read> = Answer;
export type Checked = [
  Fits<ApiShapes['system-status'], shapes.StatusShape>,
  Fits<ApiShapes['devices'], shapes.DevicesShape>,
  Fits<ApiShapes['job'], shapes.JobShape>,
  Fits<ApiShapes['jobs'], shapes.JobsShape>,
  Fits<ApiShapes['archive'], shapes.ArchiveShape>,
  Fits<ApiShapes['archives'], shapes.ArchivesShape>,
  Fits<ApiShapes['strays'], shapes.StraysShape>,
  Fits<ApiShapes['archive-verified'], shapes.ArchiveVerifiedShape>,
  Fits<ApiShapes['logs'], shapes.LogsShape>,
  Fits<Readonly<ApiShapes['config-outcome']>, Omit<shapes.ConfigOutcomeShape, 'problems'>>,
  Fits<ApiShapes['config-effective'], shapes.EffectiveConfigShape>,
  Fits<ApiShapes['config-history'], shapes.ConfigHistoryShape>,
  Fits<ApiShapes['explanations'], shapes.ExplanationsShape>,
  Fits<ApiShapes['config-plan']['effects'], shapes.ConfigPlanShape['effects']>,
  Fits<ApiShapes['config-plan']['waiting'], shapes.ConfigPlanShape['waiting']>,
  Fits<ApiShapes['config-approved'], shapes.ConfigApprovedShape>,
  Fits<ApiShapes['catalog-rebuilt'], shapes.CatalogRebuiltShape>,
];

test('the answers these tests are given are such as the schemas allow', () => {
  const folder = new URL('../../../schemas/api/', import.meta.url);
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as object);
  }
  const given: [keyof ApiShapes, unknown][] = [
    ['job', job],
    ['job', damagedJob],
    ['archive', archive],
    ['devices', devices],
    ['system-status', status],
    ['system-status', degraded],
    ['event', event(1)],
  ];
  for (const [name, value] of given) {
    assert.ok(ajv.validate(`${name}.json`, value), `${name}: ${ajv.errorsText()}`);
  }
});
