#!/usr/bin/python3
"""A camera for demos and tests: plays a video file over RTSP as H.264, again and again, at its own speed."""

import argparse
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


# JPEG 2000, which ffmpeg cannot take out of RTP.
JPEG_2000 = "! videoscale ! video/x-raw,width=160,height=120 ! openjpegenc ! rtpj2kpay name=pay0 pt=96"
SOUND = "audiotestsrc is-live=true wave=silence ! rtpL16pay name=pay0 pt=96"
# Frames that a silent camera sends to each new client before it falls silent: enough to start a stream.
LAST_FRAMES = 8


class Fault:
    """What is wrong with the camera: nothing until SIGUSR1, the fault of --fault until SIGUSR2."""

    def __init__(self, kind):
        self.kind = kind
        self.on = False

    def is_on(self, kind):
        return self.on and self.kind == kind

    def turn(self, on):
        self.on = on
        return GLib.SOURCE_CONTINUE


class LoopingClip(GstRtspServer.RTSPMediaFactory):
    """One shared live stream. A second pipeline decodes the clip and starts it over at its end; frames reach the
    stream through appsrc with fresh time stamps, so that a client never sees a jump."""

    def __init__(self, clip, codec, fault):
        super().__init__()
        self.set_shared(True)
        self.clip = clip
        self.codec = codec
        self.fault = fault

    def do_create_element(self, _url):
        if self.codec == "none":
            return Gst.parse_launch(SOUND)
        source = (
            "appsrc name=frames is-live=true format=time do-timestamp=true block=false max-buffers=4 leaky-type=2 "
            "! videoconvert ! video/x-raw,format=I420 "
        )
        if self.codec == "j2k":
            return Gst.parse_launch(source + JPEG_2000)
        # The coded stream passes through our hands, so that a fault can damage it.
        return Gst.parse_launch(
            source + "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=2500 key-int-max=10 threads=1 "
            "! video/x-h264,profile=baseline,stream-format=byte-stream,alignment=au "
            "! appsink name=coded emit-signals=true sync=false "
            "appsrc name=wire is-live=true format=time do-timestamp=true block=false max-buffers=4 leaky-type=2 "
            "! rtph264pay name=pay0 pt=96 config-interval=1"
        )

    def do_configure(self, media):
        element = media.get_element()
        frames = element.get_by_name_recurse_up("frames")
        if frames is None:
            return
        coded = element.get_by_name_recurse_up("coded")
        if coded is not None:
            Wire(coded, element.get_by_name_recurse_up("wire"), self.fault)
        player = Player(self.clip, frames)
        media.connect("unprepared", lambda _media: player.stop())
        player.start()


class Wire:
    """Hands the coded pictures on: all, damaged ones, only the first, or the same key frame again and again."""

    def __init__(self, coded, appsrc, fault):
        self.appsrc = appsrc
        self.fault = fault
        self.sent = 0
        self.key_frame = None
        coded.connect("new-sample", self.on_sample)

    def on_sample(self, sink):
        sample = sink.emit("pull-sample")
        self.sent += 1
        if self.fault.is_on("silent") and self.sent > LAST_FRAMES:
            return Gst.FlowReturn.OK
        buffer = sample.get_buffer()
        if self.key_frame is not None and self.fault.is_on("freeze"):
            buffer = self.key_frame
        elif not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT):
            self.key_frame = buffer
        buffer = damaged(buffer) if self.fault.is_on("garbage") else buffer.copy()
        # Without B-frames the order of arrival is the order in time, and x264enc's own clock has an offset.
        buffer.pts = buffer.dts = Gst.CLOCK_TIME_NONE
        self.appsrc.set_property("caps", sample.get_caps())
        self.appsrc.emit("push-buffer", buffer)
        return Gst.FlowReturn.OK


def damaged(buffer):
    """A copy with every 500th byte wrong, behind the headers."""
    data = bytearray(buffer.extract_dup(0, buffer.get_size()))
    for index in range(200, len(data), 500):
        data[index] ^= 0x55
    return Gst.Buffer.new_wrapped(bytes(data))


class Player:
    """Decodes the clip at its own speed and pushes each frame into an appsrc."""

    def __init__(self, clip, appsrc):
        self.appsrc = appsrc
        self.pipeline = Gst.parse_launch(
            "filesrc name=file ! decodebin ! videoconvert ! video/x-raw,format=I420 "
            "! appsink name=out emit-signals=true sync=true max-buffers=2 drop=false"
        )
        self.pipeline.get_by_name("file").set_property("location", clip)
        self.pipeline.get_by_name("out").connect("new-sample", self.on_sample)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::eos", lambda *_: self.rewind())
        bus.connect("message::error", self.on_error)

    def start(self):
        self.pipeline.set_state(Gst.State.PLAYING)

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def rewind(self):
        self.pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.KEY_UNIT, 0)

    def on_sample(self, sink):
        sample = sink.emit("pull-sample")
        buffer = sample.get_buffer().copy()
        buffer.pts = buffer.dts = Gst.CLOCK_TIME_NONE
        self.appsrc.set_property("caps", sample.get_caps())
        self.appsrc.emit("push-buffer", buffer)
        return Gst.FlowReturn.OK

    def on_error(self, _bus, message):
        error, _debug = message.parse_error()
        print(f"rtsp-camera: {error.message}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", required=True, help="video file")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", default="8554", help="port, 0 for any free one (default: 8554)")
    parser.add_argument("--path", default="/door", help="path of the stream (default: /door)")
    parser.add_argument("--user", help="ask for this user")
    parser.add_argument("--password", help="and this password")
    parser.add_argument(
        "--codec",
        choices=["h264", "j2k", "none"],
        default="h264",
        help="what it sends: H.264 (default), JPEG 2000, which no decoder takes, or only sound",
    )
    parser.add_argument(
        "--fault",
        choices=["freeze", "silent", "garbage"],
        help="what goes wrong between SIGUSR1 and SIGUSR2: the picture stands still, nothing comes, video is damaged",
    )
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(options.host)
    server.set_service(options.port)
    fault = Fault(options.fault)
    factory = LoopingClip(options.clip, options.codec, fault)
    if options.user:
        auth = GstRtspServer.RTSPAuth()
        role = GstRtspServer.RTSPToken()
        role.set_string("media.factory.role", "viewer")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password or ""), role)
        server.set_auth(auth)
        factory.add_role_from_structure(viewer_permissions())
    server.get_mount_points().add_factory(options.path, factory)
    if server.attach(None) == 0:
        sys.exit(f"rtsp-camera: cannot listen on {options.host}:{options.port}; is the port taken?")
    loop = GLib.MainLoop()
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, fault.turn, True)
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR2, fault.turn, False)
    print(f"ready rtsp://{options.host}:{server.get_bound_port()}{options.path}", flush=True)
    loop.run()


def viewer_permissions():
    permissions = Gst.Structure.new_empty("viewer")
    permissions.set_value("media.factory.access", True)
    permissions.set_value("media.factory.construct", True)
    return permissions


if __name__ == "__main__":
    main()
