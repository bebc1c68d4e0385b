"""How connections to PostgreSQL are encrypted, on the driver and on every executor alike.

Certificates travel as properties of the JDBC driver: executors share no file with anybody. The driver's factory for
that takes one certificate, so of several authorities the one is looked for that has signed the server's.
"""

from pyspark.sql import SparkSession

from .failures import ExtractionError
from .request import Source, Tls
from .secret import Credentials
from .session import Address, connect

ONE_CERTIFICATE = "org.postgresql.ssl.SingleCertValidatingFactory"
JAVAS_OWN = "org.postgresql.ssl.DefaultJavaSSLFactory"
NOT_SIGNED = ("PKIX", "CertPath", "path does not chain")
"""How Java says that no authority it knows has signed a certificate."""


def find_address(spark: SparkSession, source: Source, credentials: Credentials) -> Address:
    """Where and how to connect. Raises ExtractionError where no authority has signed the server's certificate."""
    said = ""
    for properties in candidates(source.tls):
        address = Address.of(source, credentials, properties)
        if source.tls is None or source.tls.authorities is None:
            return address
        try:
            connect(spark, address).close()
        except Exception as error:
            said = _all_causes(error)
            if not any(words in said for words in NOT_SIGNED):
                return address  # What else is wrong, each table says for itself.
        else:
            return address
    raise ExtractionError(
        f"None of the {len(source.tls.authorities)} certificates in 'rootCertificate' of the connection has signed "
        f"that of {source.host}:{source.port} ({said}). Name the file with the server's authorities, or renew it."
    )


def candidates(tls: Tls | None) -> list[dict[str, str]]:
    """Properties to try, one after the other."""
    if tls is None:
        return [{"sslmode": "prefer"}]
    if tls.mode == "require":
        return [{"sslmode": "require"}]
    if tls.authorities is None:
        return [{"sslmode": tls.mode, "sslfactory": JAVAS_OWN}]
    return [
        {"sslmode": tls.mode, "sslfactory": ONE_CERTIFICATE, "sslfactoryarg": authority}
        for authority in tls.authorities
    ]


def _all_causes(error: Exception) -> str:
    causes = []
    java = getattr(error, "java_exception", None)
    while java is not None:
        causes.append(java.toString())
        java = java.getCause()
    return causes[-1] if causes and any(words in causes[-1] for words in NOT_SIGNED) else ": ".join(causes)
