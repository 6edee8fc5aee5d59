/** What a window covers. */
export interface WindowScope {
  readonly scope: 'site' | 'gateway' | 'camera';
  readonly site: string;
  readonly gateway: string | null;
  readonly camera: string | null;
}

/** Whether a window covers a camera: its own, that of its gateway or that of its site, as they are now. */
export function covers(
  window: WindowScope,
  camera: { readonly site: string; readonly gateway: string; readonly id: string },
): boolean {
  if (window.scope === 'site') return window.site === camera.site;
  if (window.gateway !== camera.gateway) return false;
  return window.scope === 'gateway' || window.camera === camera.id;
}
