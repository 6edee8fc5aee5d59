import type { CameraPreset } from '../schema/presets.js';

/** What a small stream gives and counting needs. */
const COUNTING = { fps: 10 };

/**
 * Addresses of the second, smaller stream of common makes, as their manuals give them: the model looks at 416 x 416 points, so
 * that the large stream costs decoding and brings nothing. A preset of the same name cannot be added.
 */
export const CAMERA_LIBRARY: readonly CameraPreset[] = [
  preset('axis', 'Axis', 'rtsp://{host}/axis-media/media.amp?videocodec=h264&resolution=640x480'),
  preset('bosch', 'Bosch: stream 2', 'rtsp://{host}/?inst=2'),
  preset('dahua', 'Dahua, Amcrest, Imou: sub stream', 'rtsp://{host}/cam/realmonitor?channel=1&subtype=1'),
  preset('hanwha', 'Hanwha Vision, Wisenet: profile 2', 'rtsp://{host}/profile2/media.smp'),
  preset('hikvision', 'Hikvision, HiLook: sub stream', 'rtsp://{host}/Streaming/Channels/102'),
  preset('reolink', 'Reolink: sub stream', 'rtsp://{host}/h264Preview_01_sub'),
  preset('tp-link', 'TP-Link Tapo and VIGI: second stream', 'rtsp://{host}/stream2'),
  preset('uniview', 'Uniview: second stream', 'rtsp://{host}/media/video2'),
];

function preset(name: string, note: string, url: string): CameraPreset {
  return { name, note, url, camera: COUNTING };
}
