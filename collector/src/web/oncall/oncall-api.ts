import type { ContactChange, NewContact, OwnContact } from '../../schema/contacts.js';
import type { Handover } from '../../schema/handover.js';
import type {
  CalendarAnswer,
  CalendarFeed,
  Gap,
  NewOverride,
  NewSchedule,
  NewTeam,
  OnCallAnswer,
  Override,
  SchedulePreview,
  Team,
} from '../../schema/oncall.js';
import { call, send } from '../http.js';

/** Who is on duty now and next. */
export async function fetchOnCall(): Promise<OnCallAnswer> {
  return (await call('/on-call')) as OnCallAnswer;
}

/** What stands in the way of reaching somebody in the next days. */
export async function fetchGaps(days: number): Promise<Gap[]> {
  return ((await call(`/on-call/gaps?days=${days}`)) as { gaps: Gap[] }).gaps;
}

export async function fetchCalendar(team: string, days: number): Promise<CalendarAnswer> {
  return (await call(`/on-call/calendar?team=${team}&days=${days}`)) as CalendarAnswer;
}

export async function addOverride(wanted: Omit<NewOverride, 'replaces'>): Promise<Override> {
  return (await send('POST', '/overrides', wanted)) as Override;
}

export async function endOverride(id: string): Promise<void> {
  await send('DELETE', `/overrides/${id}`);
}

export async function addNote(team: string, level: number, text: string): Promise<void> {
  await send('POST', `/teams/${team}/notes`, { level, text });
}

export async function fetchHandover(team: string, level: number): Promise<Handover> {
  return (await call(`/on-call/handover?team=${team}&level=${level}`)) as Handover;
}

export async function fetchTeams(): Promise<Team[]> {
  return ((await call('/teams')) as { teams: Team[] }).teams;
}

export async function saveTeam(name: string, team: NewTeam): Promise<void> {
  await send('PUT', `/teams/${name}`, team);
}

export async function removeTeam(name: string): Promise<void> {
  await send('DELETE', `/teams/${name}`);
}

export async function previewSchedule(
  team: string,
  level: number,
  schedule: NewSchedule,
): Promise<SchedulePreview> {
  return (await send('POST', `/teams/${team}/schedules/${level}/preview`, schedule)) as SchedulePreview;
}

export async function saveSchedule(team: string, level: number, schedule: NewSchedule): Promise<void> {
  await send('PUT', `/teams/${team}/schedules/${level}`, schedule);
}

export async function removeSchedule(team: string, level: number): Promise<void> {
  await send('DELETE', `/teams/${team}/schedules/${level}`);
}

export async function fetchContacts(): Promise<OwnContact[]> {
  return ((await call('/account/contacts')) as { contacts: OwnContact[] }).contacts;
}

export async function addContact(contact: NewContact): Promise<OwnContact> {
  return (await send('POST', '/account/contacts', contact)) as OwnContact;
}

export async function changeContact(id: string, change: ContactChange): Promise<void> {
  await send('PATCH', `/account/contacts/${id}`, change);
}

export async function removeContact(id: string): Promise<void> {
  await send('DELETE', `/account/contacts/${id}`);
}

export async function sendCode(id: string): Promise<void> {
  await send('POST', `/account/contacts/${id}/code`);
}

export async function verifyContact(id: string, code: string): Promise<void> {
  await send('POST', `/account/contacts/${id}/verification`, { code });
}

export async function fetchCalendarFeeds(): Promise<CalendarFeed[]> {
  return ((await call('/account/calendars')) as { calendars: CalendarFeed[] }).calendars;
}

/** @returns the address, which is shown once */
export async function makeCalendarFeed(of: { team: string; level: number } | object): Promise<string> {
  const { path } = (await send('POST', '/account/calendars', of)) as { path: string };
  return window.location.origin + path;
}

export async function removeCalendarFeed(id: string): Promise<void> {
  await send('DELETE', `/account/calendars/${id}`);
}
