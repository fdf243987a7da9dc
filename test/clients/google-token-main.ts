import { endpoints } from '../../src/clients/registry/endpoint'
import { googleCredential } from '../../src/clients/registry/credentials/google'

/** A process of its own: Google's library loads modules in a way that Jest can't follow. */
void googleCredential(endpoints([])('gcr.io/hub/ledger')).then((credential) => console.log(JSON.stringify(credential)))
