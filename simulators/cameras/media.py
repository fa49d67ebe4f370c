"""Dịch vụ hình: the first media service (Profile S) and the second (Profile T): profiles, streams, snapshots."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from simulators.cameras.faults import Fault
from simulators.cameras.soap import NS, Call, elements, no_such, not_supported
from simulators.cameras.spec import Level, Profile
from simulators.cameras.state import SNAPSHOT_PATH, CameraState, Operation

_SOURCE = "video_source_1"


def profiles_of(state: CameraState) -> tuple[Profile, ...]:
    """Return the profiles it admits to."""
    return () if Fault.NO_PROFILES in state else state.spec.profiles


def stream_path(profile: Profile) -> str:
    return f"/live/{profile.token}"


def stream_uri(state: CameraState, profile: Profile) -> str:
    """Return where it says the stream of ``profile`` is."""
    if Fault.URI_EMPTY in state:
        return ""
    if Fault.URI_NONE in state:
        return "None"
    if Fault.STREAM_FILE in state:
        return "file:///etc/passwd"
    host = f"[{state.host}]" if ":" in state.host else state.host
    authority = state.elsewhere if Fault.STREAM_FOREIGN in state else f"{host}:{state.rtsp_port}"
    return f"rtsp://{authority}{stream_path(profile)}"


def snapshot_uri(state: CameraState, profile: Profile) -> str:
    """Return where it says its pictures are."""
    path = f"{SNAPSHOT_PATH}/{profile.token}"
    if Fault.URI_EMPTY in state:
        return ""
    if Fault.URI_NONE in state:
        return "None"
    if Fault.SNAPSHOT_METADATA in state:
        return f"http://169.254.169.254{path}"
    scheme = "https" if state.tls and Fault.HTTP_XADDR_ON_TLS not in state else "http"
    return f"{scheme}://{state.elsewhere if Fault.SNAPSHOT_FOREIGN in state else state.authority}{path}"


def profiles(state: CameraState, _call: Call, _connection: int) -> str:
    return f"<trt:GetProfilesResponse>{_each(state, 'trt:Profiles')}</trt:GetProfilesResponse>"


def profile(state: CameraState, call: Call, _connection: int) -> str:
    return f"<trt:GetProfileResponse>{_profile(state, _named(state, call), 'trt:Profile')}</trt:GetProfileResponse>"


def video_sources(state: CameraState, _call: Call, _connection: int) -> str:
    main = state.spec.profiles[0]
    return (
        f'<trt:GetVideoSourcesResponse><trt:VideoSources token="{_SOURCE}"><tt:Framerate>{main.fps}</tt:Framerate>'
        f"<tt:Resolution>{elements({'Width': main.width, 'Height': main.height})}</tt:Resolution></trt:VideoSources>"
        "</trt:GetVideoSourcesResponse>"
    )


def encoders(state: CameraState, _call: Call, _connection: int) -> str:
    rows = "".join(_encoder(state, each, "trt:Configurations") for each in profiles_of(state))
    return f"<trt:GetVideoEncoderConfigurationsResponse>{rows}</trt:GetVideoEncoderConfigurationsResponse>"


def video_source_configurations(state: CameraState, _call: Call, _connection: int) -> str:
    rows = _source(state, "trt:Configurations")
    return f"<trt:GetVideoSourceConfigurationsResponse>{rows}</trt:GetVideoSourceConfigurationsResponse>"


def stream(state: CameraState, call: Call, _connection: int) -> str:
    uri = escape(stream_uri(state, _named(state, call)))
    return f"<trt:GetStreamUriResponse>{_media_uri(uri)}</trt:GetStreamUriResponse>"


def snapshot(state: CameraState, call: Call, _connection: int) -> str:
    if Fault.NO_SNAPSHOT in state:
        raise not_supported("GetSnapshotUri")
    uri = escape(snapshot_uri(state, _named(state, call)))
    return f"<trt:GetSnapshotUriResponse>{_media_uri(uri)}</trt:GetSnapshotUriResponse>"


def capabilities(state: CameraState, call: Call, _connection: int) -> str:
    prefix = "tr2" if call.namespace == NS["tr2"] else "trt"
    shots = "false" if Fault.NO_SNAPSHOT in state else "true"
    return (
        f'<{prefix}:GetServiceCapabilitiesResponse><{prefix}:Capabilities SnapshotUri="{shots}" Rotation="false">'
        f'<{prefix}:ProfileCapabilities MaximumNumberOfProfiles="{len(state.spec.profiles)}"/>'
        f'<{prefix}:StreamingCapabilities RTPMulticast="false" RTP_TCP="true" RTP_RTSP_TCP="true"/>'
        f"</{prefix}:Capabilities></{prefix}:GetServiceCapabilitiesResponse>"
    )


def profiles2(state: CameraState, _call: Call, _connection: int) -> str:
    rows = ""
    for each in profiles_of(state):
        encoder = "" if Fault.PROFILE_WITHOUT_ENCODER in state else _encoder2(each, "tr2:VideoEncoder")
        rows += (
            f'<tr2:Profiles token="{each.token}" fixed="true"><tr2:Name>{each.name}</tr2:Name>'
            f"<tr2:Configurations>{_source(state, 'tr2:VideoSource')}{encoder}</tr2:Configurations></tr2:Profiles>"
        )
    return f"<tr2:GetProfilesResponse>{rows}</tr2:GetProfilesResponse>"


def encoders2(state: CameraState, _call: Call, _connection: int) -> str:
    rows = "".join(_encoder2(each, "tr2:Configurations") for each in profiles_of(state))
    return f"<tr2:GetVideoEncoderConfigurationsResponse>{rows}</tr2:GetVideoEncoderConfigurationsResponse>"


def stream2(state: CameraState, call: Call, _connection: int) -> str:
    uri = escape(stream_uri(state, _named(state, call)))
    return f"<tr2:GetStreamUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetStreamUriResponse>"


def snapshot2(state: CameraState, call: Call, _connection: int) -> str:
    if Fault.NO_SNAPSHOT in state:
        raise not_supported("GetSnapshotUri")
    uri = escape(snapshot_uri(state, _named(state, call)))
    return f"<tr2:GetSnapshotUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetSnapshotUriResponse>"


def _named(state: CameraState, call: Call) -> Profile:
    token = call.text("ProfileToken")
    found = next((each for each in profiles_of(state) if each.token == token), None)
    if found is None:
        raise no_such("profile", "ter:NoProfile")
    return found


def _each(state: CameraState, tag: str) -> str:
    return "".join(_profile(state, each, tag) for each in profiles_of(state))


def _profile(state: CameraState, each: Profile, tag: str) -> str:
    source = _source(state, "tt:VideoSourceConfiguration")
    encoder = _encoder(state, each, "tt:VideoEncoderConfiguration")
    parts = [encoder, source] if Fault.OUT_OF_ORDER in state else [source, encoder]
    inside = "" if Fault.PROFILE_WITHOUT_ENCODER in state else "".join(parts)
    return f'<{tag} token="{each.token}" fixed="true"><tt:Name>{each.name}</tt:Name>{inside}</{tag}>'


def _source(state: CameraState, tag: str) -> str:
    main = state.spec.profiles[0]
    return (
        f'<{tag} token="video_source_config_1"><tt:Name>VideoSource</tt:Name><tt:UseCount>2</tt:UseCount>'
        f'<tt:SourceToken>{_SOURCE}</tt:SourceToken><tt:Bounds x="0" y="0" width="{main.width}" '
        f'height="{main.height}"/></{tag}>'
    )


def _encoder(state: CameraState, each: Profile, tag: str) -> str:
    width = "rộng" if Fault.WRONG_VALUES in state else each.width
    # the first media service has no word for H.265: cameras say H264 there and the truth in the second
    return (
        f'<{tag} token="encoder_{each.token}"><tt:Name>{each.name}</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>H264</tt:Encoding><tt:Resolution>{elements({'Width': width, 'Height': each.height})}"
        "</tt:Resolution><tt:Quality>4</tt:Quality><tt:RateControl>"
        f"{elements({'FrameRateLimit': each.fps, 'EncodingInterval': 1, 'BitrateLimit': each.kbps})}</tt:RateControl>"
        f"<tt:H264>{elements({'GovLength': 2 * each.fps, 'H264Profile': 'Main'})}</tt:H264>"
        "<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>"
        f"{elements({'Port': 0, 'TTL': 1, 'AutoStart': 'false'})}</tt:Multicast>"
        f"<tt:SessionTimeout>PT60S</tt:SessionTimeout></{tag}>"
    )


def _encoder2(each: Profile, tag: str) -> str:
    return (
        f'<{tag} token="encoder_{each.token}" GovLength="{2 * each.fps}" Profile="Main">'
        f"<tt:Name>{each.name}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{each.encoding}</tt:Encoding>"
        f"<tt:Resolution>{elements({'Width': each.width, 'Height': each.height})}</tt:Resolution>"
        f'<tt:RateControl ConstantBitRate="false">'
        f"{elements({'FrameRateLimit': each.fps, 'BitrateLimit': each.kbps})}</tt:RateControl>"
        f"<tt:Quality>4</tt:Quality></{tag}>"
    )


def _media_uri(uri: str) -> str:
    return (
        f"<trt:MediaUri><tt:Uri>{uri}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
        "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>"
    )


MEDIA: Mapping[tuple[str, str], Operation] = {
    (NS["trt"], name): Operation(Level.USER, run)
    for name, run in (
        ("GetProfiles", profiles),
        ("GetProfile", profile),
        ("GetVideoSources", video_sources),
        ("GetVideoSourceConfigurations", video_source_configurations),
        ("GetVideoEncoderConfigurations", encoders),
        ("GetStreamUri", stream),
        ("GetSnapshotUri", snapshot),
        ("GetServiceCapabilities", capabilities),
    )
}
MEDIA2: Mapping[tuple[str, str], Operation] = {
    (NS["tr2"], name): Operation(Level.USER, run)
    for name, run in (
        ("GetProfiles", profiles2),
        ("GetVideoEncoderConfigurations", encoders2),
        ("GetStreamUri", stream2),
        ("GetSnapshotUri", snapshot2),
        ("GetServiceCapabilities", capabilities),
    )
}
