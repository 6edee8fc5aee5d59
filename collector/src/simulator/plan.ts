import { PROFILES, type Profile } from './profile.js';

/** Places of the simulated fleet: names as people write them, and their time zones. */
const PLACES: readonly { site: string; city: string; timeZone: string }[] = [
  { site: 'ben-thanh', city: 'Bến Thành', timeZone: 'Asia/Ho_Chi_Minh' },
  { site: 'hoan-kiem', city: 'Hoàn Kiếm', timeZone: 'Asia/Ho_Chi_Minh' },
  { site: 'da-nang', city: 'Đà Nẵng', timeZone: 'Asia/Ho_Chi_Minh' },
  { site: 'can-tho', city: 'Cần Thơ', timeZone: 'Asia/Ho_Chi_Minh' },
  { site: 'hai-phong', city: 'Hải Phòng', timeZone: 'Asia/Ho_Chi_Minh' },
  { site: 'hue', city: 'Huế', timeZone: 'Asia/Ho_Chi_Minh' },
  { site: 'berlin-mitte', city: 'Berlin-Mitte', timeZone: 'Europe/Berlin' },
  { site: 'hamburg-altona', city: 'Hamburg-Altona', timeZone: 'Europe/Berlin' },
  { site: 'brooklyn', city: 'Brooklyn', timeZone: 'America/New_York' },
  { site: 'lyon', city: 'Lyon', timeZone: 'Europe/Paris' },
];
const DOORS = [
  'Main entrance',
  'North door',
  'Garage',
  'Side door',
  'Food court',
  'Platform stairs',
] as const;
const GATEWAYS_PER_SITE = 5;

/** One camera of the plan: it watches one door. */
export interface PlannedCamera {
  readonly id: string;
  readonly name: string;
}

/** One gateway of the plan. */
export interface PlannedGateway {
  readonly name: string;
  readonly site: string;
  readonly timeZone: string;
  /** Who passes; null for nobody: it has no lines, and sends no counts. */
  readonly profile: Profile | null;
  readonly cameras: readonly PlannedCamera[];
}

/** A fleet of any size; the same numbers give the same fleet. */
export function planFleet(
  gateways: number,
  cameras: number,
): (PlannedGateway & { readonly profile: Profile })[] {
  return Array.from({ length: gateways }, (_, index) => {
    const group = Math.floor(index / GATEWAYS_PER_SITE);
    const place = PLACES[group % PLACES.length] ?? { site: 'main', city: 'Main', timeZone: 'UTC' };
    const round = Math.floor(group / PLACES.length);
    const site = round === 0 ? place.site : `${place.site}-${round + 1}`;
    return {
      name: `${site}-${(index % GATEWAYS_PER_SITE) + 1}`,
      site,
      timeZone: place.timeZone,
      profile: PROFILES[group % PROFILES.length] ?? 'shop',
      cameras: Array.from({ length: cameras }, (_camera, number) => ({
        id: `cam-${number + 1}`,
        name: `${place.city}, ${DOORS[(index + number) % DOORS.length] ?? 'door'}`,
      })),
    };
  });
}
