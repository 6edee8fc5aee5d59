/** Tables of maintenance. Times are UTC ms. */
export interface ObservabilityTables {
  /** Time in which a site, a gateway or a camera is worked on. */
  maintenance_window: {
    id: string;
    scope: 'site' | 'gateway' | 'camera';
    site: string;
    gateway: string | null;
    camera: string | null;
    start_at: number;
    end_at: number;
    reason: string;
    kind: 'planned' | 'emergency';
    author: string;
    created_at: number;
    ended_early_at: number | null;
  };
}
