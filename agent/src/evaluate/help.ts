/** What `headcount-agent evaluate --help` says after the options. */
export const HELP = `
The truth file is JSON. Frames are counted from 1, points are pixels of the clip; other keys are ignored.
  frames     { "from", "to" }: the frames that are scored (default: all); counting starts at the clip's beginning
  fps        frame rate of the clip, where it does not say its own
  tolerance  frames between a counted and a true event that still match (default: 1 s)
  lines      by name: from, to, via (corners between them), anchor (bottom-centre, centre, head),
             directions { "in", "out" }: names for the two,
             events [[frame, person, direction], ...], optional (the same: neither right nor wrong)
             direction: in, out, your names, or LR and RL (left to right of the picture and back)
  zones      by name: polygon [[x, y], ...], anchor, capacity,
             visits [[first frame, last frame, person], ...], optional
  boxes      CSV "frame,id,x,y,w,h" beside the truth file; only its frames are scored

Example, door.json:
  {
    "frames": { "from": 1, "to": 500 },
    "lines": { "door": { "from": [300, 150], "to": [300, 480], "events": [[195, 17, "RL"]] } },
    "zones": { "desk": { "polygon": [[100, 100], [400, 100], [400, 400]], "visits": [[20, 140, 3]] } }
  }

  headcount-agent evaluate door.mp4 --truth door.json --report door.html
  headcount-agent evaluate rtsp://10.0.0.7/door --truth door.json --for 60

--config counts as a camera of the agent's configuration does: with its region, tiles, masks, person sizes and motion
gate. Lines and zones are always those of the truth file.

A camera's frames are numbered by time since the first one that arrives. One that was playing before it was asked is
ahead of the clip; --start-frame says by how much. A camera's login comes from
HEADCOUNT_CAMERA_LOGIN="user:password". Exit codes: 0 fine, 1 failed (also a wrong truth file), 2 wrong usage.`;
