import { formatBytes } from '../core/describe-event.js';
import type { DeviceShape, MediumShape } from './api-shapes.js';
import type { Colour, Output } from './output.js';
import type { Column } from './table.js';

const colours: Readonly<Record<string, Colour>> = { busy: 'blue', faulty: 'red' };

/** One line for each medium; a drive without one has a line all the same. */
export interface DeviceLine {
  readonly device: DeviceShape;
  readonly medium: MediumShape | null;
  readonly isFirst: boolean;
}

export function deviceLines(devices: readonly DeviceShape[]): DeviceLine[] {
  return devices.flatMap((device): DeviceLine[] =>
    device.media.length === 0
      ? [{ device, medium: null, isFirst: true }]
      : device.media.map((medium, index) => ({ device, medium, isFirst: index === 0 })),
  );
}

/** Why the drive or its medium is of no use at present. */
export function deviceFaults(devices: readonly DeviceShape[]): string[] {
  return devices.flatMap((device) => [
    ...(device.error === null ? [] : [`${device.id}: ${device.error.message}`]),
    ...device.media.flatMap((medium) => {
      const error = medium.error ?? medium.outcome?.error ?? null;
      return error === null ? [] : [`${device.id}: ${medium.label ?? medium.name ?? 'the disc'}: ${error.message}`];
    }),
  ]);
}

export function deviceColumns(output: Output): Column<DeviceLine>[] {
  const first = (text: (device: DeviceShape) => string) => (line: DeviceLine) =>
    line.isFirst ? text(line.device) : ' ';
  return [
    { title: 'DRIVE', text: first((device) => device.id) },
    {
      title: 'STATUS',
      text: first((device) => device.status),
      paint: (line, text) => {
        const colour = colours[line.device.status];
        return colour === undefined ? text : output.paint(text, colour);
      },
    },
    { title: 'DISC', text: ({ device, medium }) => discText(device, medium), flexible: true },
    { title: 'KIND', text: ({ medium }) => medium?.media_type ?? '-' },
    {
      title: 'SIZE',
      text: ({ medium }) => (medium?.size_bytes == null ? '-' : formatBytes(medium.size_bytes)),
      align: 'right',
    },
    { title: 'DECISION', text: ({ medium }) => medium?.outcome?.kind ?? '-' },
    { title: 'PATH', text: first((device) => device.path), flexible: true },
    { title: 'MODEL', text: first(modelText), flexible: true },
  ];
}

function discText(device: DeviceShape, medium: MediumShape | null): string {
  if (medium === null) return device.state;
  if (!medium.settled) return `${medium.name ?? 'disc'} (not ready yet)`;
  return medium.label ?? medium.name ?? 'unnamed';
}

const modelText = ({ vendor, model }: DeviceShape): string =>
  [vendor, model].filter((part) => part !== null && part !== '').join(' ') || '-';
