"""Office files looked over as the zip files they are, before anything in them is unpacked or parsed."""

import zipfile

UNREADABLE = (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, ValueError, OSError)
_MOST_PARTS = 500
_MAX_RATIO = 150  # text packs to a tenth, a table of repeated values to a hundredth; a bomb to a thousandth
_RATIO_FROM = 1024 * 1024
_ENCRYPTED = 1


def is_locked(archive: zipfile.ZipFile) -> bool:
    """Whether any part of it can only be read with a password."""
    return any(part.flag_bits & _ENCRYPTED for part in archive.infolist())


def has_macros(archive: zipfile.ZipFile) -> bool:
    return any("vbaproject" in part.filename.lower() for part in archive.infolist())


def unpacks_beyond(archive: zipfile.ZipFile, most_bytes: int) -> bool:
    """Whether it holds more than `most_bytes`, too many parts, or a part that is packed like a bomb."""
    parts = archive.infolist()
    packed_like_a_bomb = any(
        part.file_size > _RATIO_FROM and part.file_size > _MAX_RATIO * max(part.compress_size, 1) for part in parts
    )
    return len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > most_bytes or packed_like_a_bomb
