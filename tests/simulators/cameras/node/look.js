// What npm's `onvif` makes of a camera: node look.js HOST PORT USER PASSWORD -> one JSON object.
'use strict';
const {Cam} = require('onvif');
const {promisify} = require('util');

const [hostname, port, username, password] = process.argv.slice(2);

function fail(error) {
	process.stdout.write(JSON.stringify({error: String(error.message || error)}) + '\n');
	process.exit(1);
}

const cam = new Cam({hostname, port: Number(port), username, password, timeout: 8000}, async error => {
	if (error) {
		return fail(error);
	}
	try {
		const call = name => promisify(cam[name].bind(cam));
		const snapshot = await call('getSnapshotUri')({});
		const stream = await call('getStreamUri')({protocol: 'RTSP'});
		const seen = {
			time: (await call('getSystemDateAndTime')()).toISOString(),
			device: await call('getDeviceInformation')(),
			hostname: (await call('getHostname')()).name,
			scopes: (await call('getScopes')()).length,
			interfaces: await call('getNetworkInterfaces')(),
			profiles: cam.profiles.map(profile => profile.$.token),
			resolution: cam.profiles[0].videoEncoderConfiguration.resolution,
			sources: cam.videoSources[0].$.token,
			services: cam.services ? cam.services.length : 0,
			snapshot: snapshot.uri,
			stream: stream.uri,
		};
		await call('getEventProperties')();
		seen.topics = Object.keys(cam.events.properties.topicSet);
		await call('createPullPointSubscription')();
		const pulled = await promisify(cam.pullMessages.bind(cam))({timeout: 'PT1S', messageLimit: 10});
		const messages = [].concat(pulled.notificationMessage || []);
		seen.events = messages.map(message => message.topic._ || message.topic);
		await call('unsubscribe')();
		process.stdout.write(JSON.stringify(seen) + '\n');
		process.exit(0);
	} catch (problem) {
		fail(problem);
	}
});
