import type { ServiceNotifier } from './systemd-notify.js';

/**
 * Feeds the service manager's watchdog, where it has one, for as long as the daemon gets anywhere: one that does not is
 * restarted.
 */
export function createWatchdog(service: Pick<ServiceNotifier, 'watchdog' | 'watchdogMs'>, isAlive: () => boolean) {
  let timer: NodeJS.Timeout | null = null;
  return {
    start(): void {
      if (service.watchdogMs === null) return;
      timer = setInterval(() => {
        if (isAlive()) void service.watchdog();
      }, service.watchdogMs / 3);
    },
    stop(): void {
      if (timer !== null) clearInterval(timer);
    },
  };
}
