"""Dịch vụ thiết bị: the ONVIF device service, as far as anybody may read. Nothing can be set: see ``camera``."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from simulators.cameras.faults import Fault
from simulators.cameras.soap import NS, Call, CallFault, elements, not_supported
from simulators.cameras.spec import Level
from simulators.cameras.state import (
    DEVICE_PATH,
    EVENTS_PATH,
    MEDIA2_PATH,
    MEDIA_PATH,
    CameraState,
    Operation,
)

_VERSIONS = {"tds": (20, 12), "trt": (20, 12), "tr2": (20, 12), "tev": (20, 12)}
_SERVICE_CAPABILITIES = (
    '<tds:Network IPFilter="false" ZeroConfiguration="true" IPVersion6="false" DynDNS="false"/>'
    '<tds:Security TLS1.2="true" OnboardKeyGeneration="false" AccessPolicyConfig="false" UsernameToken="true" '
    'HttpDigest="true" RELToken="false"/><tds:System DiscoveryResolve="true" DiscoveryBye="true" '
    'RemoteDiscovery="false" SystemBackup="false" SystemLogging="false" FirmwareUpgrade="false"/>'
)


def date_and_time(state: CameraState, _call: Call, _connection: int) -> str:
    utc = f"<tt:UTCDateTime>{state.body.said(local=False)}</tt:UTCDateTime>"
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
        "<tt:TimeZone><tt:TZ>ICT-7</tt:TZ></tt:TimeZone>"
        f"{'' if Fault.TIME_WITHOUT_UTC in state else utc}"
        f"<tt:LocalDateTime>{state.body.said(local=True)}</tt:LocalDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def information(state: CameraState, _call: Call, connection: int) -> str:
    me = state.identity(connection)
    fields = {
        "Manufacturer": me.maker,
        "Model": me.model,
        "FirmwareVersion": me.firmware,
        "SerialNumber": me.serial,
        "HardwareId": me.hardware,
    }
    if Fault.OUT_OF_ORDER in state:
        fields = dict(sorted(fields.items(), reverse=True))
    return f"<tds:GetDeviceInformationResponse>{elements(fields, 'tds')}</tds:GetDeviceInformationResponse>"


def services_of(state: CameraState) -> dict[str, str]:
    """Return the path of each service it has, by prefix of its namespace."""
    paths = {"tds": DEVICE_PATH}
    if state.has_media:
        paths["trt"] = MEDIA_PATH
    if state.has_media2:
        paths["tr2"] = MEDIA2_PATH
    if state.spec.events:
        paths["tev"] = EVENTS_PATH
    return paths


def services(state: CameraState, _call: Call, _connection: int) -> str:
    if Fault.NO_GET_SERVICES in state:
        raise not_supported("GetServices")
    rows = ""
    for prefix, path in services_of(state).items():
        major, minor = _VERSIONS[prefix]
        rows += (
            f"<tds:Service><tds:Namespace>{NS[prefix]}</tds:Namespace><tds:XAddr>{state.address(path)}</tds:XAddr>"
            f"<tds:Version><tt:Major>{major}</tt:Major><tt:Minor>{minor}</tt:Minor></tds:Version></tds:Service>"
        )
    return f"<tds:GetServicesResponse>{rows}</tds:GetServicesResponse>"


def capabilities(state: CameraState, call: Call, _connection: int) -> str:
    wanted = call.text("Category") or "All"
    paths = services_of(state)
    parts = {
        "Device": (
            f"<tt:Device><tt:XAddr>{state.address(DEVICE_PATH)}</tt:XAddr>"
            "<tt:Network><tt:IPFilter>false</tt:IPFilter><tt:ZeroConfiguration>true</tt:ZeroConfiguration>"
            "<tt:IPVersion6>false</tt:IPVersion6><tt:DynDNS>false</tt:DynDNS></tt:Network>"
            "<tt:System><tt:DiscoveryResolve>true</tt:DiscoveryResolve><tt:DiscoveryBye>true</tt:DiscoveryBye>"
            "<tt:RemoteDiscovery>false</tt:RemoteDiscovery><tt:SystemBackup>false</tt:SystemBackup>"
            "<tt:SystemLogging>false</tt:SystemLogging><tt:FirmwareUpgrade>false</tt:FirmwareUpgrade>"
            "<tt:SupportedVersions><tt:Major>20</tt:Major><tt:Minor>12</tt:Minor></tt:SupportedVersions>"
            "</tt:System></tt:Device>"
        )
    }
    if "tev" in paths:
        parts["Events"] = (
            f"<tt:Events><tt:XAddr>{state.address(EVENTS_PATH)}</tt:XAddr>"
            "<tt:WSSubscriptionPolicySupport>true</tt:WSSubscriptionPolicySupport>"
            "<tt:WSPullPointSupport>true</tt:WSPullPointSupport>"
            "<tt:WSPausableSubscriptionManagerInterfaceSupport>false"
            "</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>"
        )
    if "trt" in paths:
        parts["Media"] = (
            f"<tt:Media><tt:XAddr>{state.address(MEDIA_PATH)}</tt:XAddr><tt:StreamingCapabilities>"
            "<tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP>"
            "<tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>"
        )
    chosen = parts if wanted == "All" else {wanted: parts.get(wanted)}
    if None in chosen.values():
        raise CallFault(f"{wanted} is not supported", "Receiver", "ter:ActionNotSupported", "ter:NoSuchService")
    inside = "".join(part for part in chosen.values() if part is not None)
    return f"<tds:GetCapabilitiesResponse><tds:Capabilities>{inside}</tds:Capabilities></tds:GetCapabilitiesResponse>"


def service_capabilities(_state: CameraState, _call: Call, _connection: int) -> str:
    return (
        f"<tds:GetServiceCapabilitiesResponse><tds:Capabilities>{_SERVICE_CAPABILITIES}</tds:Capabilities>"
        "</tds:GetServiceCapabilitiesResponse>"
    )


def scopes_of(state: CameraState) -> list[str]:
    """Return its scopes, as WS-Discovery says them too."""
    me = state.identity()
    words = ("type/video_encoder", "type/Network_Video_Transmitter", "Profile/Streaming", "Profile/T")
    named = {"hardware": me.model, "name": me.maker, "location": f"country/vietnam/{state.spec.zone}"}
    plain = [f"{key}/{''.join(c if c.isalnum() or c in '-./' else '_' for c in text)}" for key, text in named.items()]
    return [f"onvif://www.onvif.org/{word}" for word in (*words, *plain)]


def scopes(state: CameraState, _call: Call, _connection: int) -> str:
    rows = "".join(
        f"<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>{escape(scope)}</tt:ScopeItem></tds:Scopes>"
        for scope in scopes_of(state)
    )
    return f"<tds:GetScopesResponse>{rows}</tds:GetScopesResponse>"


def hostname(state: CameraState, _call: Call, _connection: int) -> str:
    if Fault.NO_HOSTNAME in state:
        raise not_supported("GetHostname")
    inside = (
        f"<tt:FromDHCP>{'true' if state.spec.dhcp else 'false'}</tt:FromDHCP><tt:Name>{state.spec.hostname}</tt:Name>"
    )
    inside = f"<tds:HostnameInformation>{inside}</tds:HostnameInformation>"
    return f"<tds:GetHostnameResponse>{inside}</tds:GetHostnameResponse>"


def network_interfaces(state: CameraState, _call: Call, connection: int) -> str:
    mac = state.identity(connection).mac
    manual = f"<tt:Manual><tt:Address>{state.host}</tt:Address><tt:PrefixLength>24</tt:PrefixLength></tt:Manual>"
    return (
        '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled>'
        f"<tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>{mac}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>"
        f"<tt:IPv4><tt:Enabled>true</tt:Enabled><tt:Config>{manual}<tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4>"
        "</tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
    )


def network_protocols(state: CameraState, _call: Call, _connection: int) -> str:
    ports = {"HTTPS" if state.tls else "HTTP": state.http_port, "RTSP": state.rtsp_port}
    rows = "".join(
        f"<tds:NetworkProtocols><tt:Name>{name}</tt:Name><tt:Enabled>true</tt:Enabled><tt:Port>{port}</tt:Port>"
        "</tds:NetworkProtocols>"
        for name, port in ports.items()
    )
    return f"<tds:GetNetworkProtocolsResponse>{rows}</tds:GetNetworkProtocolsResponse>"


def ntp(_state: CameraState, _call: Call, _connection: int) -> str:
    return (
        "<tds:GetNTPResponse><tds:NTPInformation><tt:FromDHCP>false</tt:FromDHCP>"
        "<tt:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>vn.pool.ntp.org</tt:DNSname></tt:NTPManual>"
        "</tds:NTPInformation></tds:GetNTPResponse>"
    )


def endpoint_reference(state: CameraState, _call: Call, connection: int) -> str:
    return (
        f"<tds:GetEndpointReferenceResponse><tds:GUID>urn:uuid:{state.identity(connection).uuid}</tds:GUID>"
        "</tds:GetEndpointReferenceResponse>"
    )


def discovery_mode(_state: CameraState, _call: Call, _connection: int) -> str:
    mode = "<tds:DiscoveryMode>Discoverable</tds:DiscoveryMode>"
    return f"<tds:GetDiscoveryModeResponse>{mode}</tds:GetDiscoveryModeResponse>"


def users(state: CameraState, _call: Call, _connection: int) -> str:
    rows = "".join(
        f"<tds:User><tt:Username>{escape(user.name)}</tt:Username>"
        f"<tt:UserLevel>{user.level.name.capitalize()}</tt:UserLevel></tds:User>"
        for user in state.spec.users
    )
    return f"<tds:GetUsersResponse>{rows}</tds:GetUsersResponse>"


def wsdl_url(_state: CameraState, _call: Call, _connection: int) -> str:
    return "<tds:GetWsdlUrlResponse><tds:WsdlUrl>http://www.onvif.org/</tds:WsdlUrl></tds:GetWsdlUrlResponse>"


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    (NS["tds"], name): Operation(level, run)
    for name, level, run in (
        # access classes of the ONVIF core specification: what must be known before a login needs none
        ("GetSystemDateAndTime", Level.ANONYMOUS, date_and_time),
        ("GetCapabilities", Level.ANONYMOUS, capabilities),
        ("GetServices", Level.ANONYMOUS, services),
        ("GetServiceCapabilities", Level.ANONYMOUS, service_capabilities),
        ("GetHostname", Level.ANONYMOUS, hostname),
        ("GetEndpointReference", Level.ANONYMOUS, endpoint_reference),
        ("GetWsdlUrl", Level.ANONYMOUS, wsdl_url),
        ("GetDeviceInformation", Level.USER, information),
        ("GetScopes", Level.USER, scopes),
        ("GetNetworkInterfaces", Level.USER, network_interfaces),
        ("GetNetworkProtocols", Level.USER, network_protocols),
        ("GetNTP", Level.USER, ntp),
        ("GetDiscoveryMode", Level.USER, discovery_mode),
        ("GetUsers", Level.ADMINISTRATOR, users),
    )
}
"""By namespace and name."""
