"""What ``onvif-zeep-async`` makes of a camera: HOST PORT USER PASSWORD -> one JSON object. In a venv of its own."""

import asyncio
import datetime as dt
import json
import sys
from typing import Any

from onvif import ONVIFCamera


async def look(host: str, port: str, user: str, password: str) -> dict[str, Any]:
    camera = ONVIFCamera(host, int(port), user, password)
    await camera.update_xaddrs()
    try:
        device = await camera.create_devicemgmt_service()
        media = await camera.create_media_service()
        info = await device.GetDeviceInformation()
        when = (await device.GetSystemDateAndTime()).UTCDateTime
        profiles = await media.GetProfiles()
        snapshot = await media.GetSnapshotUri({"ProfileToken": profiles[0].token})
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        stream = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": profiles[0].token})
        manager = await camera.create_pullpoint_manager(dt.timedelta(seconds=60), lambda: None)
        pulled = await manager.get_service().PullMessages({"Timeout": dt.timedelta(seconds=1), "MessageLimit": 10})
        topics = [str(message.Topic._value_1) for message in pulled.NotificationMessage]
        await manager.shutdown()
        picture = await camera.get_snapshot(profiles[0].token)
        return {
            "device": {"serial": info.SerialNumber, "maker": info.Manufacturer},
            "year": when.Date.Year,
            "capabilities": sorted(await camera.get_capabilities()),
            "profiles": [profile.token for profile in profiles],
            "encoding": profiles[0].VideoEncoderConfiguration.Encoding,
            "snapshot": snapshot.Uri,
            "stream": stream.Uri,
            "topics": topics,
            "picture": len(picture or b""),
        }
    finally:
        await camera.close()


sys.stdout.write(json.dumps(asyncio.run(look(*sys.argv[1:]))))
