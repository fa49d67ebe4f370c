"""What can go wrong between a text and a mastered file. Every message is Vietnamese first and may be shown as it is.

SpeechError
├── TextError                 the text itself is at fault
│   ├── TextTooLong
│   └── NothingToSay
├── LexiconError              the pronunciation list cannot be used
├── UnknownVoice, UnknownChime, SpeedOutOfRange, PauseOutOfRange
├── VoiceRefused              a voice is not taken into the folder of voices
│   ├── VoiceNotAllowed       no licence, no attribution, or the policy was not accepted
│   ├── VoiceDiffers          the SHA-256 is another
│   ├── VoiceUnusable         not the files of a Vietnamese Piper voice
│   └── VoiceUnreachable      the files could not be fetched or written
├── EngineError               an engine did not give speech; carries ``engine``
│   ├── EngineUnavailable     not installed, not allowed, switched off
│   ├── EngineCrashed         its process died, twice
│   ├── EngineTimeout         no answer by the deadline
│   ├── EngineAnswer          it answered something that is not speech
│   └── OnlineError           the online service: see the leaves
│       ├── OnlineBlocked     403
│       ├── OnlineBusy        429: too many requests
│       ├── OnlineDown        5xx
│       ├── OnlineUnreachable no network, dead proxy, connection cut
│       ├── OnlineUntrusted   its certificate is not valid
│       └── OnlineNotSpeech   200 with a login page, or nothing
├── AudioError                sound that cannot be used
│   ├── AudioUnreadable, AudioTooShort, AudioTooLong, AudioSilent, AudioClipped
│   └── MasteringFailed       ffmpeg failed, or the level was not reached
├── CacheError                the folder of rendered audio
│   └── CacheFull
└── StudioBusy                the queue is full, or the studio is not running
"""


# ruff: noqa: N818 - a reader meets "CacheFull"; its base says that it is an error


class SpeechError(Exception):
    """Lỗi giọng nói: base of everything this folder raises."""


class TextError(SpeechError):
    """The text itself is at fault."""


class TextTooLong(TextError):
    """Quá dài."""


class NothingToSay(TextError):
    """Không có gì để đọc: blank, or only signs that have no sound."""


class LexiconError(SpeechError):
    """Từ điển phát âm hỏng. Names the line."""


class UnknownVoice(SpeechError):
    """Không có giọng này."""


class UnknownChime(SpeechError):
    """Không có nhạc hiệu cho mức này."""


class SpeedOutOfRange(SpeechError):
    """Nhanh quá hoặc chậm quá."""


class PauseOutOfRange(SpeechError):
    """Nghỉ ngắn quá hoặc dài quá."""


class VoiceRefused(SpeechError):
    """Không nhận giọng này. Nothing was put into the folder of voices."""


class VoiceNotAllowed(VoiceRefused):
    """No licence, no attribution, or the policy on voices was not accepted."""


class VoiceDiffers(VoiceRefused):
    """The file is not the one whose SHA-256 was given."""


class VoiceUnusable(VoiceRefused):
    """Not the files of a Vietnamese Piper voice."""


class VoiceUnreachable(VoiceRefused):
    """The files could not be fetched or written."""


class EngineError(SpeechError):
    """An engine gave no speech."""

    def __init__(self, engine: str, message: str) -> None:
        super().__init__(message)
        self.engine = engine


class EngineUnavailable(EngineError):
    """Not installed, not allowed, or switched off."""


class EngineCrashed(EngineError):
    """Its process died, and died again when asked once more."""


class EngineTimeout(EngineError):
    """No answer by the deadline."""


class EngineAnswer(EngineError):
    """It answered something that is not speech."""


class OnlineError(EngineError):
    """The online service did not deliver. It is never asked again by itself: that would add to its load."""


class OnlineBlocked(OnlineError):
    """403."""


class OnlineBusy(OnlineError):
    """429."""


class OnlineDown(OnlineError):
    """5xx."""


class OnlineUnreachable(OnlineError):
    """No network, dead proxy, or the connection was cut."""


class OnlineUntrusted(OnlineError):
    """The certificate is not valid: somebody on the way could be putting words on a public loudspeaker."""


class OnlineNotSpeech(OnlineError):
    """A success that carries no speech: a login page, an empty body."""


class AudioError(SpeechError):
    """Sound that cannot be used."""


class AudioUnreadable(AudioError):
    """Not audio, or of a kind that is not accepted."""


class AudioTooShort(AudioError):
    """Too short to be meant, or to be measured."""


class AudioTooLong(AudioError):
    """Longer than allowed."""


class AudioSilent(AudioError):
    """Nothing a person could hear."""


class AudioClipped(AudioError):
    """Recorded too loud: the peaks are cut flat."""


class MasteringFailed(AudioError):
    """ffmpeg failed, or the wanted level was not reached."""


class CacheError(SpeechError):
    """The folder of rendered audio cannot be read or written."""


class CacheFull(CacheError):
    """Hết chỗ trên đĩa."""


class StudioBusy(SpeechError):
    """The queue is full, or the studio is not running."""
